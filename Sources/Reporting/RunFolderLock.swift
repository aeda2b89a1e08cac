import Glibc

/// Keeps a second job out of a run folder. Held by rank 0 from the start of a run to its end.
///
/// The system's file lock is what counts, so a killed job leaves none behind; the file `run.lock`
/// says who holds it and stays in the folder.
public final class RunFolderLock {
  private let file: Int32

  /// Takes the lock of a folder that exists.
  ///
  /// - Parameters:
  ///   - host: the name of this machine, for the sentence that a second job prints.
  ///   - warn: told in a sentence when the file system has no locks, as some network ones; the
  ///     folder is then not protected.
  ///
  /// **Throws**: `ReportingError.locked`, naming host and process of the job that holds it, or
  /// `.cannotOpen`.
  public init(folder: String, host: String, warn: (String) -> Void = { _ in }) throws {
    let path = folder + "/run.lock"
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard opened >= 0 else {
      throw ReportingError.cannotOpen(path: path, reason: String(cString: strerror(errno)))
    }
    do {
      try RunFolderLock.take(opened, path: path, folder: folder, warn: warn)
      try writeAll(Array("process \(getpid()) on \(host)".utf8), to: opened, path: path)
    } catch {
      close(opened)
      throw error
    }
    file = opened
  }

  deinit { close(file) }

  private static func take(
    _ file: Int32, path: String, folder: String, warn: (String) -> Void
  ) throws {
    if flock(file, LOCK_EX | LOCK_NB) != 0 {
      let reason = errno
      if [ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL].contains(reason) {
        warn("the file system of '\(folder)' has no locks, so start no second job in it")
        return try clear(file, path: path)
      }
      guard reason == EWOULDBLOCK else {
        throw ReportingError.cannotOpen(path: path, reason: String(cString: strerror(reason)))
      }
      let holder = String(decoding: try readWhole(path) ?? [], as: UTF8.self)
      throw ReportingError.locked(
        folder: folder, holder: holder.isEmpty ? "another process" : holder)
    }
    try clear(file, path: path)
  }

  private static func clear(_ file: Int32, path: String) throws {
    guard ftruncate(file, 0) == 0 else {
      throw ReportingError.cannotWrite(path: path, reason: String(cString: strerror(errno)))
    }
  }
}
