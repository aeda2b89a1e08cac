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
    var skipped: Skipped?
  }

  /// Why a step was skipped.
  struct Skipped {
    /// The network whose gradient was not finite.
    let network: String
    /// The parameters and ranks where that began.
    let cause: String

    /// What there is to say about an update that gave this norm.
    init?(_ norm: Double, _ network: String, _ update: Update) {
      if norm.isFinite { return nil }
      self.network = network
      cause = update.cause
    }
  }

  /// Plans the step of a phase.
  func plan(
    _ phase: Phase, share: Int
  ) throws -> (Int, PatchBatch) throws -> Outcome {
    let side = dataset.description.side(level: 0)
    let (state, communicator, faults) = (state, communicator, faults)
    if phase.kind == .pretrain {
      let step = PretrainingStep(
        state.generator, options: phase.losses, share: share, globalBatch: phase.batch,
        lowSize: side, engine: engine)
      let pretrain = configuration.pretrain
      let rate = configuration.rate(
        pretrain.learningRate, warmup: pretrain.warmup, pretrain.schedule, steps: phase.steps)
      return { number, batch in
        step.batch.take(batch)
        faults.reached(batch: step.batch)
        let rate = rate.rate(at: number)
        let (terms, norm) = try step.run(
          update: state.pretrainingUpdate, rate: rate, on: communicator)
        return Outcome(
          terms: terms, shared: [("rate", rate), ("generator_norm", norm)],
          skipped: Skipped(norm, "generator", state.pretrainingUpdate))
      }
    }
    let adversarial = configuration.adversarial
    let step = AdversarialStep(
      state.generator, state.discriminator, backbone: try backbone(phase), options: phase.losses,
      share: share, globalBatch: phase.batch, lowSize: side, engine: engine)
    func schedule(_ rate: Double) -> LearningRateSchedule {
      configuration.rate(
        rate, warmup: adversarial.warmup, adversarial.schedule, steps: phase.steps)
    }
    let generatorRate = schedule(adversarial.generatorLearningRate)
    let discriminatorRate = schedule(adversarial.discriminatorLearningRate)
    return { number, batch in
      step.batch.take(batch)
      faults.reached(batch: step.batch)
      let rates = (generatorRate.rate(at: number), discriminatorRate.rate(at: number))
      var players: [AdversarialLoss.Player] = []
      if (number + 1) % adversarial.discriminatorEvery == 0 { players.append(.discriminator) }
      if (number + 1) % adversarial.generatorEvery == 0 { players.append(.generator) }
      let (terms, generatorNorm, discriminatorNorm) = try step.run(
        step: number, players: players, generatorUpdate: state.generatorUpdate,
        discriminatorUpdate: state.discriminatorUpdate, generatorRate: rates.0,
        discriminatorRate: rates.1, on: communicator)
      var shared: [(String, Double)] = []
      for (player, values) in [
        (.generator, [("rate", rates.0), ("generator_norm", generatorNorm)]),
        (
          .discriminator,
          [("discriminator_rate", rates.1), ("discriminator_norm", discriminatorNorm)]
        ),
      ] as [(AdversarialLoss.Player, [(String, Double)])] where players.contains(player) {
        shared += values
      }
      return Outcome(
        terms: terms, shared: shared,
        skipped: Skipped(discriminatorNorm, "discriminator", state.discriminatorUpdate)
          ?? Skipped(generatorNorm, "generator", state.generatorUpdate))
    }
  }

  /// The perceptual backbone, where its loss has a weight.
  private func backbone(_ phase: Phase) throws -> PerceptualBackbone? {
    guard phase.losses.weights.perceptual > 0 else { return nil }
    return try PerceptualBackbone(file: configuration.losses.perceptual.weightsFile)
  }
}
