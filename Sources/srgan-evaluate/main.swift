// srgan-evaluate: pictures and their originals in, a table of scores out.

import ArgumentParser
import Collectives
import Diagnostics
import Evaluation
import Glibc
import ProgramEntry
import Tensors
import Upscaling

struct Evaluate: Program {
  static let configuration = CommandConfiguration(
    commandName: "srgan-evaluate",
    abstract: "Measures how good up-scaled pictures are, against their originals.",
    discussion: """
      PSNR, SSIM and RMSE are of 8-bit luma (MATLAB's rgb2ycbcr) without a border; the RMSE of the \
      set is the root of the mean of the pictures' mean squared errors, as in the PIRM challenge \
      of 2018. The grid index tells how much fine structure repeats with the factor: photographs \
      have about 0.01. Bicubic up-scaling and the original itself stand beside every picture.
      """,
    version: programVersion)

  @Option(help: ArgumentHelp("Folder of originals.", valueName: "folder"))
  var reference: String

  @Option(
    help: ArgumentHelp("Folder of up-scaled pictures of the same names.", valueName: "folder"))
  var target: String?

  @Option(
    help: ArgumentHelp(
      "Weights (.safetensors) or checkpoint (.h5) to up-scale with; those of the project if both "
        + "this and --target are left out.", valueName: "file"))
  var weights: String?

  @Option(help: "Noise amplitudes from 0 to 1, with commas between them.")
  var noise = "0,0.5,1"

  @Option(help: "Where the noise begins.")
  var seed: UInt64 = 0

  @Option(help: "Doublings, 1 to 4: 2 is fourfold. (default: what the weights say, or 2)")
  var levels: Int?

  @Option(help: "Rows and columns at each border that do not count.")
  var shave = 4

  @Option(help: ArgumentHelp("Also write the table to this file.", valueName: "file"))
  var csv: String?

  @Option(help: "Threads of the network.")
  var threads = 1

  @Flag(help: "Replace the file of --csv if it exists.")
  var overwrite = false

  func validate() throws {
    guard target == nil || weights == nil else {
      throw ValidationError("give --target or --weights, not both")
    }
    guard levels.map({ (1...4).contains($0) }) ?? true else {
      throw ValidationError("--levels must be from 1 to 4")
    }
    guard (1...1024).contains(threads) else {
      throw ValidationError("--threads must be from 1 to 1024")
    }
    guard shave >= 0 else { throw ValidationError("--shave must be 0 or more") }
    _ = try noises()
  }

  func run(on communicator: any Communicator) throws -> Diagnostics.ExitCode {
    // One process does it all: the order of the table is then that of the work.
    guard communicator.isRoot else { return .done }
    if let csv { try EvaluationTable.require(free: csv, overwrites: overwrite) }
    let job: EvaluationJob
    if let target {
      job = EvaluationJob(source: .folder(target), levels: levels ?? 2, shave: shave)
    } else {
      var found = try GeneratorWeights.find(weights)
      if let levels { found = found.with(levels: levels) }
      let engine = Engine(threads: threads)
      if let advice = engine.advice { say("warning: \(advice)") }
      job = EvaluationJob(
        source: .network(
          try Upscaler(weights: found, engine: engine), noises: try noises(), seed: seed),
        levels: found.shape.levels, shave: shave)
    }
    let table = try job.run(references: reference) { say($0) }
    print(table.text, terminator: "")
    if let csv { try table.writeCSV(to: csv) }
    return .done
  }

  private func noises() throws -> [Double] {
    try noise.split(separator: ",", omittingEmptySubsequences: false).map { text in
      guard let value = Double(text), (0...1).contains(value) else {
        throw ValidationError("--noise has '\(text)', which must be a number from 0 to 1")
      }
      return value
    }
  }
}

/// One line for people on standard error.
private func say(_ words: String) {
  let line = Array("\(words)\n".utf8)
  // Nowhere is left to complain when standard error itself cannot be written.
  _ = write(STDERR_FILENO, line, line.count)
}

runProgram(Evaluate.self)
