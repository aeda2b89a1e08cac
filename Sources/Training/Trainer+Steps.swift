import Checkpoints
import Configuration
import Losses
import Networks
import Optimizers
import PatchStore

/// What one step of each phase is.
extension Trainer {
  /// What one step gives: this rank's terms, and rates and norms that all ranks share.
  struct Outcome {
    var terms: [LossTerm]
    var shared: [(String, Double)]
    var skipped: String?
  }

  /// Plans the step of a phase.
  func plan(
    _ phase: Phase, share: Int
  ) throws -> (Int, PatchBatch) throws -> Outcome {
    let side = dataset.description.side(level: 0)
    let (state, communicator) = (state, communicator)
    if phase.name == "pretrain" {
      let step = PretrainingStep(
        state.generator, options: stepOptions, share: share, globalBatch: phase.batch,
        lowSize: side, engine: engine)
      let pretrain = configuration.pretrain
      let rate = configuration.rate(
        pretrain.learningRate, warmup: pretrain.warmup, pretrain.schedule, steps: phase.steps)
      return { number, batch in
        step.batch.take(batch)
        let rate = rate.rate(at: number)
        let (terms, norm) = try step.run(
          update: state.pretrainingUpdate, rate: rate, on: communicator)
        return Outcome(
          terms: terms, shared: [("rate", rate), ("generator_norm", norm)],
          skipped: norm.isFinite ? nil : "generator")
      }
    }
    let adversarial = configuration.adversarial
    let step = AdversarialStep(
      state.generator, state.discriminator, backbone: try backbone(), options: stepOptions,
      share: share, globalBatch: phase.batch, lowSize: side, engine: engine)
    func schedule(_ rate: Double) -> LearningRateSchedule {
      configuration.rate(
        rate, warmup: adversarial.warmup, adversarial.schedule, steps: phase.steps)
    }
    let generatorRate = schedule(adversarial.generatorLearningRate)
    let discriminatorRate = schedule(adversarial.discriminatorLearningRate)
    return { number, batch in
      step.batch.take(batch)
      let rates = (generatorRate.rate(at: number), discriminatorRate.rate(at: number))
      let (terms, generatorNorm, discriminatorNorm) = try step.run(
        step: number, generatorUpdate: state.generatorUpdate,
        discriminatorUpdate: state.discriminatorUpdate, generatorRate: rates.0,
        discriminatorRate: rates.1, on: communicator)
      return Outcome(
        terms: terms,
        shared: [
          ("rate", rates.0), ("discriminator_rate", rates.1), ("generator_norm", generatorNorm),
          ("discriminator_norm", discriminatorNorm),
        ],
        skipped: !generatorNorm.isFinite
          ? "generator" : !discriminatorNorm.isFinite ? "discriminator" : nil)
    }
  }

  /// The perceptual backbone, where its loss has a weight.
  private func backbone() throws -> PerceptualBackbone? {
    guard stepOptions.weights.perceptual > 0 else { return nil }
    return try PerceptualBackbone(file: configuration.losses.perceptual.weightsFile)
  }
}
