import Collectives
import Diagnostics
import Glibc
import HDF5Files

/// Makes a dataset of patches from image files, on all ranks together. Collective.
///
/// 1. Every file is decoded once, a share on each rank, and all problems are told.
/// 2. Each rank cuts consecutive pictures with about equally many patches into a shard.
/// 3. Rank 0 publishes the dataset. Its contents, order and identity do not depend on the number
///    of ranks, which share a file system.
///
/// **Edge cases**: an existing dataset from the same files with the same options is left as it is,
/// and the summary says so. Anything else of that name is refused. After an error nothing is left;
/// what a killed preparation left is removed by the next one to the same name.
///
/// - Parameters:
///   - createdBy: the program and version to record.
///   - reporter: hears of progress and problems, on rank 0.
///
/// **Throws**: on every rank the same `CollectiveError.agreed` with the sentence and code of a
/// `PatchStoreError`, `ImageFileError` or `HDF5Error`.
public func prepare(
  _ options: PreparationOptions, on communicator: any Communicator, createdBy: String,
  reporter: PreparationReporter = PreparationReporter()
) throws -> PreparationSummary {
  let report: (PreparationProgress) -> Void = { progress in
    communicator.showsLife()
    if communicator.isRoot { reporter.progress(progress) }
  }
  try communicator.collectively {
    try options.validate()
    if communicator.isRoot { try refuseForeignOutput(options) }
  }
  let survey = try SourceSurvey(options, on: communicator, report: report)
  if communicator.isRoot {
    for problem in survey.problems { reporter.note(problem.failure.sentence) }
  }
  try communicator.collectively { try judge(survey, options) }
  let sources = survey.sources.map(\.source)
  let patches = survey.sources.reduce(0) { $0 + $1.patches }

  func summary(identity: String, wasPresent: Bool) -> PreparationSummary {
    let description = DatasetDescription(options, createdBy: createdBy, identity: identity)
    return PreparationSummary(
      sources: sources.count, skipped: survey.problems.count, patches: patches,
      bytes: patches * description.patchBytes, identity: identity, wasPresent: wasPresent)
  }

  let present = try communicator.collectively {
    communicator.isRoot ? try identityOfExisting(options, sources) ?? "" : ""
  }
  let existing = try communicator.broadcast(present)
  if !existing.isEmpty { return summary(identity: existing, wasPresent: true) }

  do {
    try communicator.collectively {
      if communicator.isRoot { try clearRemains(options) }
    }
    let identity = try writeAndPublish(
      survey.sources, options, on: communicator, createdBy: createdBy, report: report)
    return summary(identity: identity, wasPresent: false)
  } catch {
    // Every rank is here, because every step above fails on all ranks or on none. The error that
    // led here is the one to report.
    if communicator.isRoot { try? Folder.remove(options.temporaryFolder) }
    throw error
  }
}

private func writeAndPublish(
  _ sources: [SurveyedSource], _ options: PreparationOptions, on communicator: any Communicator,
  createdBy: String, report: (PreparationProgress) -> Void
) throws -> String {
  let shares = sourceShares(patches: sources.map(\.patches), ranks: communicator.size)
  let used = shares.indices.filter { !shares[$0].isEmpty }
  func shardName(_ rank: Int) -> String {
    let number = String(used.firstIndex(of: rank) ?? 0)
    return "shard-" + String(repeating: "0", count: max(0, 4 - number.count)) + number + ".h5"
  }
  let written = try communicator.collectively {
    let share = shares[communicator.rank]
    if share.isEmpty { return ShardWriter.Written(patches: 0, digests: []) }
    return try ShardWriter(options: options, createdBy: createdBy).write(
      sources, share: share,
      to: "\(options.temporaryFolder)/\(shardName(communicator.rank))", report: report)
  }
  let digests = try communicator.gather(written.digests.joined(separator: "\n"))
    .map { $0.split(separator: "\n").map(String.init) }
  let identity = DatasetDescription.identity(options, digests: digests.flatMap { $0 })
  try communicator.collectively {
    guard communicator.isRoot else { return }
    let place = options.singleFile ? options.temporaryFolder : options.shardFolder
    let folderName = place.split(separator: "/").last.map(String.init) ?? place
    let shards = used.map { rank in
      ShardEntry(
        file: "\(folderName)/\(shardName(rank))",
        patches: sources[shares[rank]].reduce(0) { $0 + $1.patches },
        identity: ShardWriter.Written(patches: 0, digests: digests[rank]).identity)
    }
    try Publication(
      options: options,
      description: DatasetDescription(options, createdBy: createdBy, identity: identity),
      sources: sources.map(\.source), shards: shards
    ).publish()
  }
  return identity
}

/// Refuses early what can be refused without looking at a picture.
private func refuseForeignOutput(_ options: PreparationOptions) throws {
  let parent = folder(of: options.output)
  guard access(parent.isEmpty ? "." : parent, W_OK | X_OK) == 0 else {
    throw PatchStoreError.cannotCreate(
      path: options.output, reason: String(cString: strerror(errno)))
  }
  if Folder.exists(options.output) {
    do {
      _ = try PatchDataset.open(options.output)
    } catch let error as any DiagnosedError {
      throw PatchStoreError.occupied(
        path: options.output, reason: "is not a whole dataset (\(error))")
    }
  } else if Folder.exists(options.shardFolder), !Folder.holdsOnlyShards(options.shardFolder) {
    throw PatchStoreError.occupied(
      path: options.shardFolder, reason: "holds files that are not shards")
  }
}

/// Stops when there is nothing to do, or when files are wrong and that is to stop.
private func judge(_ survey: SourceSurvey, _ options: PreparationOptions) throws {
  let problems = survey.problems
  if survey.sources.isEmpty, problems.isEmpty {
    throw PatchStoreError.noImages(paths: options.inputs)
  }
  guard !problems.isEmpty, options.onBadFile == .stop || survey.sources.isEmpty else { return }
  let isOnlyMissing = problems.allSatisfy { $0.failure.code == .noInput }
  throw PatchStoreError.badFiles(
    count: problems.count, of: problems.count + survey.sources.count,
    code: isOnlyMissing ? .noInput : .badData)
}

/// The identity of an existing dataset from the same files and options, or nil when there is none.
private func identityOfExisting(
  _ options: PreparationOptions, _ sources: [PatchSource]
) throws -> String? {
  guard Folder.exists(options.output) else { return nil }
  let dataset = try PatchDataset.open(options.output)
  let found = dataset.description
  guard found.levels == options.levels, found.patch == options.patch,
    found.stride == options.usedStride, dataset.sources == sources,
    dataset.isSingleFile == options.singleFile
  else {
    throw PatchStoreError.occupied(
      path: options.output, reason: "was made from other images or with other options")
  }
  return found.identity
}

/// Removes what a killed preparation to the same name left, and makes a new folder for shards.
private func clearRemains(_ options: PreparationOptions) throws {
  try AtomicFile.removeRemains(of: options.output)
  try Folder.remove(options.temporaryFolder)
  // Shards without their dataset file: killed between the last two steps.
  try Folder.remove(options.shardFolder)
  try Folder.create(options.temporaryFolder)
}
