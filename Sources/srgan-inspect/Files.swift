import Checkpoints
import Diagnostics
import Glibc
import HDF5Files

/// What a file holds, one `name: value` a line.
///
/// **Throws**: when the file cannot be read, is of no known kind, or is damaged.
func describe(_ path: String, tensors: Bool, onlyConfiguration: Bool) throws -> [String] {
  guard try isHDF5(path) else {
    return try describeWeights(path, tensors: tensors)
  }
  let file = try HDF5File.openForReading(path)
  let attributes = file.root.attributes
  let format = try attributes.contains("format") ? try attributes.text("format") : "unknown"
  if format == "srgan-patches" { return try describeDataset(file) }
  try file.close()
  let checkpoint = try Checkpoint(reading: path)
  if onlyConfiguration { return [trimmedEnd(checkpoint.configuration)] }
  return describeCheckpoint(checkpoint, tensors: tensors)
}

private func describeCheckpoint(_ checkpoint: Checkpoint, tensors: Bool) -> [String] {
  var lines = [
    "kind: checkpoint", "step: \(checkpoint.step)", "phase: \(checkpoint.phase)",
    "dataset identity: \(checkpoint.datasetIdentity)",
  ]
  for (name, value) in checkpoint.counters.sorted(by: { $0.key < $1.key }) {
    lines.append("\(name): \(value)")
  }
  for (name, members) in checkpoint.sections.sorted(by: { $0.key < $1.key }) {
    lines.append("\(name): \(summary(members))")
    if tensors { lines += members.map { "  \(description(of: $0))" } }
  }
  return lines
}

private func describeDataset(_ file: HDF5File) throws -> [String] {
  let attributes = file.root.attributes
  var lines = ["kind: dataset"]
  for name in ["version", "scale", "levels", "patch", "channels", "bits"]
  where try attributes.contains(name) {
    lines.append("\(name): \(try attributes.integer(name))")
  }
  for name in ["resampling", "created_by", "identity"] where try attributes.contains(name) {
    lines.append("\(name): \(try attributes.text(name))")
  }
  lines.append("complete: \(try attributes.contains("complete") ? "yes" : "no")")
  for name in try file.root.members() where name.hasPrefix("level") {
    let dataset = try file.root.dataset(name)
    let shape = dataset.shape.map { "\($0)" }.joined(separator: " x ")
    let parts = try dataset.virtualFiles().count
    let place = parts == 0 ? "in this file" : "in \(parts) shard\(parts == 1 ? "" : "s")"
    lines.append("\(name): \(shape) \(dataset.storage), \(place)")
    try dataset.close()
  }
  return lines
}

func summary(_ tensors: [NamedTensor]) -> String {
  let values = tensors.reduce(0) { $0 + $1.values.count }
  let bad = tensors.filter { tensor in tensor.values.contains { !$0.isFinite } }.count
  let words = bad == 0 ? "all finite" : "\(bad) with values that are not finite"
  let noun = tensors.count == 1 ? "tensor" : "tensors"
  return "\(tensors.count) \(noun), \(values) values, \(words)"
}

func description(of tensor: NamedTensor) -> String {
  let count = Double(tensor.values.count)
  let mean = tensor.values.reduce(0.0) { $0 + Double($1) } / count
  let square = tensor.values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
  let shape = tensor.shape.map { "\($0)" }.joined(separator: "x")
  let range = "\(tensor.values.min() ?? 0) to \(tensor.values.max() ?? 0)"
  return "\(tensor.name) \(shape): mean \(Float(mean)), deviation \(Float(square.squareRoot())), "
    + "\(range)"
}

private func isHDF5(_ path: String) throws -> Bool {
  guard let file = fopen(path, "r") else {
    throw CheckpointError.unreadable(path: path, reason: String(cString: strerror(errno)))
  }
  defer { fclose(file) }
  var start = [UInt8](repeating: 0, count: 8)
  return fread(&start, 1, 8, file) == 8 && start == [0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10]
}

func trimmedEnd(_ text: String) -> String {
  text.hasSuffix("\n") ? String(text.dropLast()) : text
}
