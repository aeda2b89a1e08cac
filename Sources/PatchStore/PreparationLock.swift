import Glibc

/// Keeps a second preparation away from an output. Held by rank 0.
///
/// The system's file lock is what counts, so a killed preparation leaves none behind; the file beside
/// the output says who holds it and goes when the lock is given back.
final class PreparationLock {
  private let file: Int32
  private let path: String

  /// Takes the lock of an output whose folder exists.
  ///
  /// **Throws**: `PatchStoreError.busy`, naming host and process of the one that holds it, or
  /// `.cannotCreate`.
  init(output: String, host: String) throws {
    let name = output.split(separator: "/").last.map(String.init) ?? output
    path = "\(folder(of: output)).\(name).lock"
    while true {
      let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard opened >= 0 else { throw PreparationLock.failure(path) }
      guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
        let reason = errno
        defer { close(opened) }
        guard reason == EWOULDBLOCK else {
          throw PatchStoreError.cannotCreate(path: path, reason: String(cString: strerror(reason)))
        }
        throw PatchStoreError.busy(path: output, holder: PreparationLock.text(opened))
      }
      // The one that held it may have removed the file between the two calls above.
      var (held, named) = (stat(), stat())
      guard fstat(opened, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino else {
        close(opened)
        continue
      }
      let words = Array("process \(getpid()) on \(host)".utf8)
      guard ftruncate(opened, 0) == 0, pwrite(opened, words, words.count, 0) == words.count else {
        defer { close(opened) }
        throw PreparationLock.failure(path)
      }
      file = opened
      return
    }
  }

  deinit {
    // Removed while it is held, so that nobody else's is.
    _ = unlink(path)
    close(file)
  }

  private static func failure(_ path: String) -> PatchStoreError {
    .cannotCreate(path: path, reason: String(cString: strerror(errno)))
  }

  private static func text(_ file: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = pread(file, &bytes, bytes.count, 0)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : "another process"
  }
}
