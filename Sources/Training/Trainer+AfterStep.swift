import Checkpoints
import Collectives
import Configuration
import Diagnostics
import Optimizers
import PatchStore
import Reporting

/// What is due between two steps: validation, pictures, a checkpoint, an early end.
extension Trainer {
  /// What one rank tells the others after a step; any rank's word counts for all.
  private enum Notice {
    static let signal: UInt32 = 1
    static let time: UInt32 = 2
    static let unsaved: UInt32 = 4
  }

  /// Does what is due after a step.
  func afterStep(_ phase: Phase, _ line: Reporting.ProgressLine?) throws -> ExitCode {
    let start = monotonicSeconds()
    // One small all-reduce a step decides for all ranks.
    let notices = try communicator.agree(
      (StopSignal.isRequested ? Notice.signal : 0) | (clock.isOver ? Notice.time : 0)
        | (writer.hasFailed ? Notice.unsaved : 0))
    spent.checks += monotonicSeconds() - start
    if notices & Notice.unsaved != 0 { try finishSaving() }
    let stops = notices & (Notice.signal | Notice.time) != 0 && state.step < lastStep
    let isLast = state.step == phase.end
    var isBest = false
    // Who is asked to stop does so at once: the next job validates and shows this step.
    if !stops { isBest = try look(phase, line) }
    if stops || isBest || isLast || isDue(configuration.checkpoint.every) {
      try checkReplicas()
      try save(isNumbered: stops || isLast || isDue(configuration.checkpoint.every), isBest: isBest)
    } else if isDue(configuration.checks.replicas) {
      try checkReplicas()
    }
    guard stops else { return .done }
    try finishSaving()
    if communicator.isRoot {
      line?.finish(done: state.step - phase.first)
      let why = notices & Notice.signal != 0 ? "by a signal" : "by its time limit"
      writeToStandardError(
        "stopped \(why) after step \(state.step), with a checkpoint; --resume auto goes on\n")
    }
    return .stoppedEarly
  }

  /// Does what was due after the step that a run resumes from and that it stopped too early for.
  func catchUp() throws -> ExitCode {
    guard state.step > 0, let phase = phases.last(where: { state.step > $0.first }) else {
      return .done
    }
    let validates = validation != nil && isDue(configuration.validation.every, phase)
    let shown = try communicator.broadcast(
      communicator.isRoot && log?.hasValidation(step: state.step) == true ? 1 : 0)
    guard validates, shown == 0 else { return .done }
    faults.step = state.step
    if try look(phase, nil) {
      try save(isNumbered: false, isBest: true)
    }
    return .done
  }

  private var lastStep: Int { phases.last?.end ?? 0 }

  private func isDue(_ every: Int) -> Bool { every > 0 && state.step % every == 0 }

  private func isDue(_ every: Int, _ phase: Phase) -> Bool {
    state.step == phase.end || isDue(every)
  }

  /// Validates and shows a sample where that is due.
  ///
  /// - Returns: whether the validation was the best so far.
  private func look(_ phase: Phase, _ line: Reporting.ProgressLine?) throws -> Bool {
    var isBest = false
    if isDue(configuration.validation.every, phase) { isBest = try validate(phase, line) }
    if isDue(configuration.samples.every, phase) {
      try communicator.collectively {
        if communicator.isRoot { try writeSample() }
      }
    }
    return isBest
  }

  /// Compares the whole state of all ranks.
  func checkReplicas() throws {
    let start = monotonicSeconds()
    defer { spent.checks += monotonicSeconds() - start }
    for (name, set, values) in state.buffers {
      try communicator.fingerprint(
        of: UnsafeRawBufferPointer(UnsafeBufferPointer(start: values, count: set.count)),
        what: "after step \(state.step), '\(name)'")
    }
  }

  /// Hands a copy of the state to the writer.
  private func save(isNumbered: Bool, isBest: Bool) throws {
    let start = monotonicSeconds()
    defer { spent.saving += monotonicSeconds() - start }
    // Equal on all ranks, as was just checked.
    for (name, set, values) in state.buffers
    where !isFinite(UnsafeBufferPointer(start: values, count: set.count)) {
      throw TrainingError.stateNotFinite(step: state.step, section: name)
    }
    try communicator.collectively {
      guard communicator.isRoot else { return }
      let next = phases.first { state.step < $0.end }?.name ?? "done"
      try writer.write(
        CheckpointWriter.Order(
          state.checkpoint(
            configuration: configuration, phase: next, identity: dataset.description.identity),
          isNumbered: isNumbered, isBest: isBest, interruption: faults.whileSaving()))
    }
  }

  /// Waits until the last checkpoint is on the disk.
  func finishSaving() throws {
    try communicator.collectively { try writer.finish() }
  }
}
