import CTIFF
import Glibc

/// A picture as a TIFF file, with as many bits as it has, compressed with Deflate.
func encodedTIFF(_ picture: Picture, path: String) throws(ImageFileError) -> [UInt8] {
  let image = picture.image
  switch (image.samples, picture.alpha?.samples) {
  case (.eight(let colours), .eight(let alpha)):
    return try encode(
      interleaved(colours, channels: image.channels, alpha: alpha), picture, path: path)
  case (.sixteen(let colours), .sixteen(let alpha)):
    return try encode(
      interleaved(colours, channels: image.channels, alpha: alpha), picture, path: path)
  case (.eight(let colours), _): return try encode(colours, picture, path: path)
  case (.sixteen(let colours), _): return try encode(colours, picture, path: path)
  }
}

private func encode<Sample: ImageSample>(
  _ samples: [Sample], _ picture: Picture, path: String
) throws(ImageFileError) -> [UInt8] {
  var memory = srgan_tiff_memory()
  defer { free(memory.written) }
  let isWritten = withUnsafeMutablePointer(to: &memory) { memory in
    guard let tiff = srgan_tiff_open(memory, "w") else { return false }
    let isWhole = setTags(tiff, picture, bits: Sample.bitWidth) && writeRows(tiff, samples, picture)
    // Writes the directory; its failure leaves a message.
    TIFFClose(tiff)
    return isWhole && memory.pointee.message.0 == 0
  }
  guard isWritten else {
    let reason = message(in: memory.message)
    throw .cannotWrite(path: path, reason: reason.isEmpty ? "the TIFF library failed" : reason)
  }
  return Array(UnsafeBufferPointer(start: memory.written, count: memory.size))
}

private func setTags(_ tiff: OpaquePointer, _ picture: Picture, bits: Int) -> Bool {
  setTIFFTags(
    tiff,
    PictureWriter.Layout(
      width: picture.image.width, height: picture.image.height, channels: picture.image.channels,
      bits: bits, hasAlpha: picture.alpha != nil, profile: picture.profile,
      resolution: picture.resolution))
}

/// Describes the picture that is to be written.
func setTIFFTags(_ tiff: OpaquePointer, _ layout: PictureWriter.Layout) -> Bool {
  let isGrey = layout.channels == 1
  let numbers: [(Int32, Int)] = [
    (TIFFTAG_IMAGEWIDTH, layout.width), (TIFFTAG_IMAGELENGTH, layout.height),
    (TIFFTAG_BITSPERSAMPLE, layout.bits),
    (TIFFTAG_SAMPLESPERPIXEL, layout.channels + (layout.hasAlpha ? 1 : 0)),
    (TIFFTAG_PHOTOMETRIC, Int(isGrey ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB)),
    (TIFFTAG_PLANARCONFIG, Int(PLANARCONFIG_CONTIG)),
    (TIFFTAG_COMPRESSION, Int(COMPRESSION_ADOBE_DEFLATE)),
    (TIFFTAG_PREDICTOR, Int(PREDICTOR_HORIZONTAL)), (TIFFTAG_ROWSPERSTRIP, 64),
  ]
  var isSet = numbers.allSatisfy { srgan_tiff_set_number(tiff, UInt32($0), UInt32($1)) != 0 }
  if layout.hasAlpha { isSet = isSet && srgan_tiff_set_alpha(tiff) != 0 }
  if let resolution = layout.resolution {
    // Per centimetre, which needs no rounding of what is stored per metre.
    isSet =
      isSet
      && srgan_tiff_set_number(tiff, UInt32(TIFFTAG_RESOLUTIONUNIT), UInt32(RESUNIT_CENTIMETER))
        != 0
      && srgan_tiff_set_real(tiff, UInt32(TIFFTAG_XRESOLUTION), resolution.x / 100) != 0
      && srgan_tiff_set_real(tiff, UInt32(TIFFTAG_YRESOLUTION), resolution.y / 100) != 0
  }
  if let profile = layout.profile {
    isSet = isSet && srgan_tiff_set_profile(tiff, UInt32(profile.count), profile) != 0
  }
  return isSet
}

private func writeRows<Sample: ImageSample>(
  _ tiff: OpaquePointer, _ samples: [Sample], _ picture: Picture
) -> Bool {
  let inRow = samples.count / picture.image.height
  // The predictor changes the row that it is given.
  var row = [Sample](repeating: 0, count: inRow)
  for y in 0..<picture.image.height {
    for x in 0..<inRow { row[x] = samples[y * inRow + x] }
    guard TIFFWriteScanline(tiff, &row, UInt32(y), 0) >= 0 else { return false }
  }
  return true
}
