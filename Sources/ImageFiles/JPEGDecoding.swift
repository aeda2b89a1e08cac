import CJPEG

/// Decodes a JPEG file in memory and turns it upright.
///
/// The accurate inverse transform and smooth chroma up-sampling are used, as most programs do.
func decodedJPEG(_ bytes: [UInt8], path: String) throws(ImageFileError) -> Picture {
  guard let decoder = tjInitDecompress() else {
    throw .unreadable(path: path, reason: "the JPEG library cannot start")
  }
  defer {
    // A failed release of the decoder cannot be mended and takes nothing from the image.
    _ = tjDestroy(decoder)
  }
  let header = try JPEGHeader(of: bytes, with: decoder, path: path)
  let (width, height, colours) = (Int32(header.width), Int32(header.height), header.colours)
  let segments = JPEGSegments(of: bytes)
  let isInk = colours == TJCS_CMYK.rawValue || colours == TJCS_YCCK.rawValue
  guard !isInk || segments.profile != nil else {
    throw .unsupported(path: path, what: "a CMYK JPEG without a colour profile")
  }
  let (stored, format) =
    isInk ? (4, TJPF_CMYK) : colours == TJCS_GRAY.rawValue ? (1, TJPF_GRAY) : (3, TJPF_RGB)
  let count = Int(width) * Int(height) * stored

  func decode(stopping: Bool) -> ([UInt8], ImageFileError?) {
    let flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS | (stopping ? TJFLAG_STOPONWARNING : 0)
    var status: Int32 = 0
    let samples = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      status = tjDecompress2(
        decoder, bytes, UInt(bytes.count), buffer.baseAddress, width, 0, height,
        Int32(format.rawValue), Int32(flags))
      // Rows that the library does not reach are never seen: a failed decoding gives no image.
      filled = status == 0 || !stopping ? count : 0
    }
    return (samples, status == 0 ? nil : failure(decoder, path: path))
  }
  var (samples, problem) = decode(stopping: true)
  if let first = problem, isHarmless(first) {
    // Some cameras write a few bytes too many; what counts is whether anything follows from it.
    (samples, problem) = decode(stopping: false)
    if let last = problem, isHarmless(last) { problem = nil }
  }
  if let problem { throw problem }
  var profile = segments.profile
  if isInk, let inks = profile {
    if segments.hasAdobe {
      for index in samples.indices { samples[index] = 255 - samples[index] }
    }
    samples = try coloursOfInks(samples, profile: inks, path: path)
    profile = nil
  }
  return Picture(
    Image(
      width: Int(width), height: Int(height), channels: stored == 1 ? 1 : 3,
      samples: .eight(samples)),
    profile: profile, resolution: segments.resolution, format: .jpeg
  ).oriented(segments.exif.orientation)
}

/// What the headers of a JPEG file say.
struct JPEGHeader {
  let width: Int
  let height: Int
  /// A `TJCS`.
  let colours: Int32

  init(of bytes: [UInt8], with decoder: tjhandle, path: String) throws(ImageFileError) {
    var (width, height, subsampling, colours): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
    guard
      tjDecompressHeader3(
        decoder, bytes, UInt(bytes.count), &width, &height, &subsampling, &colours) == 0
        || tjGetErrorCode(decoder) == Int32(TJERR_WARNING.rawValue)
    else {
      throw failure(decoder, path: path)
    }
    try requireSize(width: Int(width), height: Int(height), path: path)
    (self.width, self.height, self.colours) = (Int(width), Int(height), colours)
  }
}

/// The library's last error or warning. A file that ends early is only a warning to it, because it
/// fills the rest with grey; here it is an error.
private func failure(_ decoder: tjhandle, path: String) -> ImageFileError {
  let reason = tjGetErrorStr2(decoder).map { String(cString: $0) } ?? "unknown cause"
  let endings = ["premature end", "Premature end", "file ended", "Empty input"]
  if endings.contains(where: { reason.contains($0) }) { return .truncated(path: path) }
  if reason.contains("Unsupported") || reason.contains("not supported")
    || reason.contains("Cannot transcode") || reason.contains("data precision")
  {
    return .unsupported(path: path, what: "a JPEG of a rare kind (\(reason))")
  }
  return .damaged(path: path, reason: reason)
}

private func isHarmless(_ problem: ImageFileError) -> Bool {
  guard case .damaged(_, let reason) = problem else { return false }
  return reason.contains("extraneous bytes before marker")
}
