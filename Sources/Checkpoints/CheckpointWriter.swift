import Glibc
import Synchronization

/// Writes the checkpoints of a run on a thread of its own, one at a time, while the run goes on. Used
/// by rank 0 alone.
///
/// What it is given is a copy of the state, so the state may change at once.
public final class CheckpointWriter {
  /// One checkpoint and where it goes.
  public struct Order: Sendable {
    /// The state.
    public var checkpoint: Checkpoint
    /// Whether it becomes one of the numbered checkpoints of the folder.
    public var isNumbered: Bool
    /// Whether it becomes the best so far.
    public var isBest: Bool
    /// Called in the midst of writing, for tests.
    public var interruption: (@Sendable () throws -> Void)?

    /// An order from its parts.
    public init(
      _ checkpoint: Checkpoint, isNumbered: Bool = true, isBest: Bool = false,
      interruption: (@Sendable () throws -> Void)? = nil
    ) {
      self.checkpoint = checkpoint
      self.isNumbered = isNumbered
      self.isBest = isBest
      self.interruption = interruption
    }
  }

  private let folder: CheckpointFolder
  private let createdBy: String
  private var thread: pthread_t?
  private var task: Task?

  /// A writer into a folder.
  public init(_ folder: CheckpointFolder, createdBy: String) {
    self.folder = folder
    self.createdBy = createdBy
  }

  deinit { join() }

  /// Begins to write; waits for an earlier one first.
  ///
  /// **Throws**: what went wrong with the earlier one.
  public func write(_ order: Order) throws {
    try finish()
    let (folder, createdBy) = (folder, createdBy)
    let task = Task {
      if order.isNumbered {
        try folder.save(
          order.checkpoint, createdBy: createdBy, interruption: order.interruption)
      }
      if order.isBest { try folder.saveBest(order.checkpoint, createdBy: createdBy) }
    }
    let held = Unmanaged.passRetained(task)
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { raw in
        guard let raw else { return nil }
        Unmanaged<Task>.fromOpaque(raw).takeRetainedValue().run()
        return nil
      }, held.toOpaque())
    self.task = task
    if status == 0 {
      self.thread = thread
    } else {
      // Without a thread the run waits for the file.
      held.takeRetainedValue().run()
    }
  }

  /// Whether the last one has failed, as far as is known by now; `finish` then throws.
  public var hasFailed: Bool { task?.hasFailed ?? false }

  /// Waits for the last one.
  ///
  /// **Throws**: what went wrong with it, once.
  public func finish() throws {
    join()
    guard let task else { return }
    self.task = nil
    try task.result.get()
  }

  private func join() {
    if let thread { pthread_join(thread, nil) }
    thread = nil
  }

  /// The work of one thread and its outcome.
  private final class Task: Sendable {
    private let work: @Sendable () throws -> Void
    private let outcome = Mutex<Result<Void, any Error>?>(nil)

    init(_ work: @escaping @Sendable () throws -> Void) { self.work = work }

    func run() {
      let result = Result { try work() }
      outcome.withLock { $0 = result }
    }

    var hasFailed: Bool {
      outcome.withLock { outcome in
        if case .failure? = outcome { true } else { false }
      }
    }

    var result: Result<Void, any Error> { outcome.withLock { $0 ?? .success(()) } }
  }
}
