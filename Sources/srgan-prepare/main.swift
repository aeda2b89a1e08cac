import ArgumentParser
import Collectives
import Diagnostics
import PatchStore
import ProgramEntry

extension PreparationOptions.OnBadFile: ExpressibleByArgument {}

/// Image files to a dataset of patches.
struct Prepare: Program {
  static let configuration = CommandConfiguration(
    commandName: "srgan-prepare",
    abstract: "Cuts photographs into training patches at every resolution, in one HDF5 dataset.",
    discussion: """
      Every level is down-sampled straight from the photograph with anti-aliased bicubic \
      resampling, equal to MATLAB's imresize on 8-bit images. Photographs are first cut to a \
      multiple of 2^levels; alpha is dropped, 16 bits become 8, grey becomes RGB. Start it under \
      mpirun to use several ranks: the dataset is the same.
      """,
    version: programVersion)

  @Argument(help: "PNG, JPEG, TIFF or WebP files, and folders with everything below them.")
  var inputs: [String]

  @Option(name: [.customShort("o"), .long], help: "The dataset file to make.")
  var output: String

  @Option(help: "Doublings: the factor is 2^levels.")
  var levels = 2

  @Option(help: "Side of a patch at the highest resolution, in pixels.")
  var patch = 96

  @Option(help: "Distance of neighbouring patches, in pixels. (default: the side of a patch)")
  var stride: Int?

  @Option(help: "What happens when files cannot be used: stop, or skip them.")
  var onBadFile = PreparationOptions.OnBadFile.stop

  @Flag(help: "Write one file instead of one for each rank in a folder beside the dataset.")
  var singleFile = false

  func run(on communicator: any Communicator) throws -> Diagnostics.ExitCode {
    let options = PreparationOptions(
      inputs: inputs, output: output, levels: levels, patch: patch, stride: stride,
      onBadFile: onBadFile, singleFile: singleFile)
    let line = ProgressLine(ranks: communicator.size)
    let summary = try prepare(
      options, on: communicator, createdBy: "srgan-prepare \(programVersion)",
      reporter: PreparationReporter(progress: line.show, note: line.note))
    if communicator.isRoot {
      if summary.wasPresent {
        line.note("\(output) was made from the same images and options before; nothing to do")
      }
      print(summary.words(output: output))
    }
    return .done
  }
}

runProgram(Prepare.self)
