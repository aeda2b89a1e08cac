import Checkpoints
import Layers
import Networks

extension GeneratorWeights {
  /// The generator as an ONNX graph for pictures of any size, with border and all (method sections
  /// 1.1 to 1.3): what it computes is what `Upscaler` computes.
  ///
  /// **Shape**: input `image` (N, C, h, w) in 0...1, with more than f = 2^L rows and columns; inputs
  /// `noise0` ... (N, 1, (h + 2f) 2^k, (w + 2f) 2^k), multiplied by the amplitude already; output
  /// `upscaled` (N, C, f h, f w), not clamped.
  ///
  /// **Throws**: `UpscalingError.tensors`.
  public func onnx() throws(UpscalingError) -> ONNXModel {
    _ = try makeGenerator()
    var graph = GeneratorGraph(self)
    return graph.build()
  }
}

/// Builds the graph, module by module as `GeneratorPass` plans them.
private struct GeneratorGraph {
  private let shape: GeneratorShape
  private let tensors: [String: NamedTensor]
  private var model: ONNXModel

  init(_ weights: GeneratorWeights) {
    shape = weights.shape
    tensors = Dictionary(weights.tensors.map { ($0.name, $0) }) { first, _ in first }
    model = ONNXModel(
      name: "generator",
      documentation: "Multi-grid back-projection super-resolution with a noise dial, factor "
        + "\(weights.shape.factor). Inputs: image in 0...1, and for every doubling k a map of "
        + "standard normal noise times the amplitude, zeros for the least distortion, of the padded "
        + "size, (h + 2 x factor) x 2^k.")
    model.metadata = [
      "factor": "\(shape.factor)", "noise_amplitude": "\(weights.trainingAmplitude)",
      "calibration": weights.calibration?.json ?? "",
    ].filter { !$0.value.isEmpty }
  }

  mutating func build() -> ONNXModel {
    let f = shape.factor
    let channels = ONNXModel.Length.fixed(shape.channels)
    let batch = ONNXModel.Length.free("batch")
    model.addInput("image", shape: [batch, channels, .free("height"), .free("width")])
    for k in 0..<shape.levels {
      model.addInput(
        "noise\(k)",
        shape: [batch, .fixed(1), .free("noise\(k)_height"), .free("noise\(k)_width")])
    }
    let padded = pad("image", by: f, mode: "reflect")
    var references = [analysis(padded)]
    var image = model.add("Add", [padded, synthesis(references[0])])
    for k in 1...shape.levels {
      let upscaled = classicUpscale(image)
      let reduced = downscaling(analysis(upscaled))
      let first = upscaling([references[k - 1], reduced, "noise\(k - 1)"])
      references.append(
        backProjected(first, level: k, lowest: max(0, k - 3), references: references))
      image = model.add("Add", [upscaled, synthesis(references[k])])
    }
    let output = slice(image, from: f * f, to: -f * f, output: "upscaled")
    model.addOutput(
      output, shape: [batch, channels, .free("upscaled_height"), .free("upscaled_width")])
    return model
  }

  // The modules.

  private mutating func analysis(_ image: String) -> String {
    filterBlock("Analysis.block", convolution("Analysis.conv1.weight", image), depth: 3)
  }

  private mutating func synthesis(_ features: String) -> String {
    let wide = filterBlock("Synthesis.block", features, depth: 3)
    return convolution(
      "Synthesis.conv4.weight", activation("Synthesis.act4.norm.bias", wide),
      bias: "Synthesis.conv4.bias")
  }

  private mutating func upscaling(_ inputs: [String]) -> String {
    let joined = model.add("Concat", inputs, [("axis", .integer(1))])
    let wide = filterBlock("Upscaling.pre_up", joined, depth: 3)
    return model.add(
      "ConvTranspose",
      [activation("Upscaling.act_up.norm.bias", wide), weight("Upscaling.conv_up.weight")],
      [
        ("kernel_shape", .integers([3, 3])), ("strides", .integers([2, 2])),
        ("pads", .integers([1, 1, 1, 1])), ("output_padding", .integers([1, 1])),
      ])
  }

  private mutating func downscaling(_ features: String) -> String {
    let half = convolution("Downscaling.conv_down.weight", features, stride: 2)
    return filterBlock("Downscaling.post_down", half, depth: 4)
  }

  private mutating func backProjected(
    _ features: String, level: Int, lowest: Int, references: [String]
  ) -> String {
    guard level > lowest else { return features }
    var sum = features
    for _ in 0..<shape.backProjections {
      let corrected = backProjected(
        downscaling(sum), level: level - 1, lowest: lowest, references: references)
      let added = upscaling([references[level - 1], corrected, "noise\(level - 1)"])
      sum = model.add("Add", [sum, added])
    }
    return sum
  }

  private mutating func classicUpscale(_ image: String) -> String {
    let name = "ClassicUpscale.weight"
    guard let tensor = tensors[name] else { preconditionFailure("the tensors were checked") }
    let weight = model.constant(
      NamedTensor(name: name + " x 4", shape: tensor.shape, values: tensor.values.map { 4 * $0 }))
    let side = ClassicUpscaleLayer.kernelSide
    let larger = model.add(
      "ConvTranspose", [pad(image, by: 1, mode: "edge"), weight],
      [
        ("kernel_shape", .integers([side, side])), ("strides", .integers([2, 2])),
        ("group", .integer(shape.channels)),
      ])
    return slice(larger, from: 6, to: -5)
  }

  private mutating func filterBlock(_ name: String, _ input: String, depth: Int) -> String {
    var features = input
    for i in 1...depth {
      let layer = "\(name).dense.denselayer\(i)"
      let narrow = convolution(
        "\(layer).conv_1.weight", activation("\(layer).act_1.norm.bias", features))
      let grown = convolution(
        "\(layer).conv_2.weight", activation("\(layer).act_2.norm.bias", narrow))
      features = model.add("Concat", [features, grown], [("axis", .integer(1))])
    }
    return convolution(
      "\(name).transition.conv.weight",
      activation("\(name).transition.act.norm.bias", features))
  }

  // The operations.

  private mutating func weight(_ name: String, shape: [Int]? = nil) -> String {
    guard let tensor = tensors[name] else { preconditionFailure("the tensors were checked") }
    return model.constant(
      NamedTensor(name: name, shape: shape ?? tensor.shape, values: tensor.values))
  }

  private mutating func convolution(
    _ name: String, _ input: String, stride: Int = 1, bias: String? = nil
  ) -> String {
    let side = tensors[name]?.shape.last ?? 1
    var inputs = [input, weight(name)]
    if let bias { inputs.append(weight(bias)) }
    return model.add(
      "Conv", inputs,
      [
        ("kernel_shape", .integers([side, side])), ("strides", .integers([stride, stride])),
        ("pads", .integers([Int](repeating: side / 2, count: 4))),
      ])
  }

  private mutating func activation(_ bias: String, _ input: String) -> String {
    let count = tensors[bias]?.values.count ?? 0
    return model.add("Relu", [model.add("Add", [input, weight(bias, shape: [count, 1, 1])])])
  }

  private mutating func pad(_ input: String, by count: Int, mode: String) -> String {
    let pads = model.constant([0, 0, count, count, 0, 0, count, count])
    return model.add("Pad", [input, pads], [("mode", .text(mode))])
  }

  private mutating func slice(
    _ input: String, from start: Int, to end: Int, output: String? = nil
  ) -> String {
    model.add(
      "Slice",
      [
        input, model.constant([start, start]), model.constant([end, end]), model.constant([2, 3]),
      ], output: output)
  }
}
