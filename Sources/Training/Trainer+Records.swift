import Checkpoints
import Collectives
import Configuration
import Diagnostics
import PatchStore
import Reporting
import Upscaling

/// What a run writes down about itself.
extension Trainer {
  /// Sums the terms over the ranks, logs them and shows progress.
  func record(
    _ phase: Phase, _ outcome: Outcome, data: Double, start: Double,
    _ line: Reporting.ProgressLine?
  ) throws {
    var sums = outcome.terms.map(\.value)
    try sums.withUnsafeMutableBufferPointer { try communicator.sum(inPlace: $0) }
    state.skippedInARow = outcome.skipped == nil ? 0 : state.skippedInARow + 1
    if communicator.isRoot {
      let terms = zip(outcome.terms.map(\.name), sums)
      let total = terms.reduce(0) { $0 + phase.weight(of: $1.0) * $1.1 }
      let isDue = state.step % max(1, configuration.log.every) == 0 || state.step == phase.end
      if isDue || outcome.skipped != nil {
        var values: [(String, RunLog.Value)] = [("phase", .text(phase.name))]
        let numbers =
          [("loss", total)] + terms.map { ($0, $1) } + outcome.shared
        values += numbers.map { ($0.0, .number($0.1)) }
        if let skipped = outcome.skipped {
          values += [("skipped", .text(skipped.network)), ("cause", .text(skipped.cause))]
        }
        let seconds = monotonicSeconds() - start
        let updates = [state.pretrainingUpdate, state.generatorUpdate, state.discriminatorUpdate]
        let checks = updates.reduce(spent.checks) { $0 + $1.checkSeconds }
        values += [
          ("seconds", .number(seconds)), ("data_seconds", .number(data)),
          ("checks_seconds", .number(checks)), ("save_seconds", .number(spent.saving)),
        ]
        spent = (0, 0)
        for update in updates { update.checkSeconds = 0 }
        try log?.append(step: state.step, values)
        try events?.append(
          step: state.step,
          (numbers + [("seconds", seconds)]).map { ("\(phase.name)/\($0.0)", $0.1) })
      }
      line?.update(done: state.step - phase.first, note: "loss \(rounded(total, 4))")
    }
    if let skipped = outcome.skipped { try tell(skipped) }
  }

  /// Warns of a step that was skipped, and ends the run when there were too many.
  private func tell(_ skipped: Skipped) throws {
    if communicator.isRoot {
      writeToStandardError(
        "warning: the gradient of the \(skipped.network) was not finite in step \(state.step)"
          + " (\(skipped.cause)); the step was skipped\n")
    }
    if state.skippedInARow >= configuration.checks.skips {
      // What is being saved is good and may be needed.
      try finishSaving()
      throw TrainingError.notFinite(
        step: state.step, network: skipped.network, cause: skipped.cause,
        inARow: state.skippedInARow)
    }
  }

  /// Scores the validation's pictures and writes the scores down.
  ///
  /// - Returns: whether they are the best so far, and are to be kept.
  func validate(_ phase: Phase, _ line: Reporting.ProgressLine?) throws -> Bool {
    guard let result = try validation?.run(on: communicator) else { return false }
    let amplitudes = configuration.validation.noise
    if communicator.isRoot {
      var words: [String] = []
      for (i, noise) in amplitudes.enumerated() {
        words.append(
          "noise \(noise): \(rounded(result.psnr[i], 3)) dB, grid index"
            + " \(rounded(result.gridIndex[i], 4))")
      }
      line?.say(
        "validation after step \(state.step): bicubic \(rounded(result.bicubicPSNR, 3)) dB; "
          + words.joined(separator: "; "))
      try log?.append(
        step: state.step,
        [
          ("validation", .text(phase.name)), ("bicubic_psnr", .number(result.bicubicPSNR)),
          ("noise", .numbers(amplitudes)), ("psnr", .numbers(result.psnr)),
          ("ssim", .numbers(result.ssim)), ("grid_index", .numbers(result.gridIndex)),
        ])
      var scores = [("validation/psnr/bicubic", result.bicubicPSNR)]
      for (i, noise) in amplitudes.enumerated() {
        scores += [
          ("validation/psnr/noise_\(noise)", result.psnr[i]),
          ("validation/ssim/noise_\(noise)", result.ssim[i]),
          ("validation/grid_index/noise_\(noise)", result.gridIndex[i]),
        ]
      }
      try events?.append(step: state.step, scores)
    }
    // Every rank has the same result and decides the same.
    let score: Double? =
      switch configuration.checkpoint.best {
      case .psnr: result.psnr.first
      case .ssim: result.ssim.first
      case .none: nil
      }
    guard let score, score.isFinite, score > state.best?.score ?? -.infinity else { return false }
    state.best = (score, state.step)
    return true
  }

  /// Writes the sample picture of this step.
  func writeSample() throws {
    let digits = "\(state.step)"
    let number = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    guard let png = try validation?.writeSample(to: "\(folder.samples)/step-\(number).png") else {
      return
    }
    try events?.append(step: state.step, picture: png, tag: "sample")
    try writeReport()
  }

  /// The page that shows the run so far.
  func writeReport() throws {
    try RunReport(log: folder.log, samples: folder.samples, title: folder.path)
      .write(to: folder.report)
  }

  /// Writes the weights for up-scaling, the curve of the losses and the report. Used by rank 0.
  func finish() throws {
    try writer.finish()
    // Reading from a checkpoint takes the averaged weights where there are any.
    let checkpoint = state.checkpoint(
      configuration: configuration, phase: "done", identity: dataset.description.identity)
    let weights = try GeneratorWeights(checkpoint: checkpoint, path: folder.weights)
    try weights.safetensors.write(to: folder.weights)
    try LossCurve.draw(log: folder.log, names: ["loss"], to: folder.lossCurve)
    try writeReport()
  }
}

/// `value` with a few decimals, as people read it.
func rounded(_ value: Double, _ places: Int) -> String {
  guard value.isFinite else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<places { scale *= 10 }
  return "\((value * scale).rounded() / scale)"
}
