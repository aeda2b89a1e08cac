// srgan-upscale: pictures in, larger pictures out.

import ArgumentParser
import Collectives
import Diagnostics
import Glibc
import ImageFiles
import ProgramEntry
import Tensors
import Upscaling

struct Upscale: Program {
  static let configuration = CommandConfiguration(
    commandName: "srgan-upscale",
    abstract: "Makes pictures larger with a trained generator.",
    discussion: """
      Reads PNG and JPEG, writes PNG with 8 bits. Of a folder, every picture in it and below is
      done; one that cannot be read does not keep the others from being done. Under mpirun, the
      pictures are shared among the ranks.
      """,
    version: programVersion)

  @Option(name: .shortAndLong, help: "Picture, or folder of pictures.")
  var input: String

  @Option(name: .shortAndLong, help: "PNG file, or folder for PNG files of the same names.")
  var output: String

  @Option(
    help: ArgumentHelp(
      "Weights (.safetensors) or checkpoint (.h5); those of the project if left out.",
      valueName: "file"))
  var weights: String?

  @Option(help: "From 0, the least distortion, to 1, the most detail.")
  var noise = 0.0

  @Option(help: "Where the noise begins; equal seeds give equal pictures.")
  var seed: UInt64 = 0

  @Option(help: "Doublings, 1 to 4: 2 is fourfold. (default: what the weights say, or 2)")
  var levels: Int?

  @Option(
    help: ArgumentHelp(
      "Longest side of a tile in pixels of the picture, or auto, or whole.", valueName: "side"))
  var tile = "auto"

  @Option(
    help: """
      Pixels around a tile that are computed with it: 32 changes hardly a pixel by one step, 104 \
      makes tiles of a fourfold generator equal to the whole. (default: 32)
      """)
  var halo: Int?

  @Flag(help: "Bicubic interpolation instead of a network, to compare with.")
  var bicubic = false

  @Option(
    help: ArgumentHelp(
      "Also write a strip of one picture: bicubic, noise 0, noise 1 and the original, if given.",
      valueName: "strip.png"))
  var compare: String?

  @Option(help: ArgumentHelp("The original of the picture, for --compare.", valueName: "file"))
  var original: String?

  @Option(help: "Threads of a process.")
  var threads = 1

  @Flag(help: "Replace outputs that exist.")
  var overwrite = false

  func validate() throws {
    guard (0...1).contains(noise) else {
      throw ValidationError("--noise is \(noise) and must be from 0 to 1")
    }
    guard levels.map({ (1...4).contains($0) }) ?? true else {
      throw ValidationError("--levels must be from 1 to 4")
    }
    guard halo.map({ $0 >= 0 }) ?? true else { throw ValidationError("--halo must be 0 or more") }
    _ = try tiling()
    guard (1...1024).contains(threads) else {
      throw ValidationError("--threads must be from 1 to 1024")
    }
    guard original == nil || compare != nil else {
      throw ValidationError("--original goes with --compare")
    }
    guard compare == nil || !bicubic else {
      throw ValidationError("--compare shows bicubic anyway; leave out --bicubic")
    }
    guard compare.map({ $0.lowercased().hasSuffix(".png") }) ?? true else {
      throw ValidationError("--compare writes a PNG file; let its name end in .png")
    }
  }

  func run(on communicator: any Communicator) throws -> Diagnostics.ExitCode {
    let plan = try OutputPlan(input: input, output: output)
    let engine = Engine(threads: threads)
    if communicator.isRoot, let advice = engine.advice { say("warning: \(advice)") }
    let method = try method(engine)
    let job = UpscalingJob(method: method, overwrites: overwrite)
    var code = try job.run(plan, share: (communicator.rank, communicator.size)) { event in
      switch event {
      case .done(let entry, let from, let to):
        say("\(entry.input): \(from.width) x \(from.height) -> \(to.width) x \(to.height)")
        print(entry.output)
      case .failed(let error): printError(error.description)
      }
    }
    if let compare, case .network(let upscaler, _, _) = method, communicator.isRoot {
      try writeStrip(to: compare, of: plan, with: upscaler)
    }
    let worst = try communicator.maximum(Int(code.rawValue))
    code = Diagnostics.ExitCode(rawValue: Int32(worst)) ?? code
    return code
  }

  private func method(_ engine: Engine) throws -> UpscalingJob.Method {
    if bicubic { return .bicubic(factor: 1 << (levels ?? 2)) }
    var found = try GeneratorWeights.find(weights)
    if let levels { found = found.with(levels: levels) }
    let upscaler = try Upscaler(weights: found, engine: engine)
    upscaler.tiling = try tiling()
    if let halo { upscaler.halo = halo }
    return .network(upscaler, noise: noise, seed: seed)
  }

  private func tiling() throws -> Upscaler.Tiling {
    switch tile {
    case "auto": return .automatic
    case "whole": return .whole
    default:
      guard let side = Int(tile), side >= 8 else {
        throw ValidationError(
          "--tile is '\(tile)' and must be auto, whole, or a side from 8 pixels")
      }
      return .side(side)
    }
  }

  private func writeStrip(to path: String, of plan: OutputPlan, with upscaler: Upscaler) throws {
    guard let entry = plan.entries.first else { return }
    try OutputPlan.require(free: path, input: entry.input, overwrites: overwrite)
    let strip = try upscaler.comparison(
      of: Image(contentsOf: entry.input), original: original.map { try Image(contentsOf: $0) },
      seed: seed)
    try strip.writePNG(to: path)
    print(path)
  }
}

/// One line for people on standard error.
private func say(_ words: String) {
  let line = Array("\(words)\n".utf8)
  // Nowhere is left to complain when standard error itself cannot be written.
  _ = write(STDERR_FILENO, line, line.count)
}

runProgram(Upscale.self)
