/// The state of a run between two steps: everything that is needed to go on bit for bit.
///
/// As a file it is HDF5: one group for each section, in it one dataset with Fletcher-32 for each
/// tensor, under the published parameter names; the rest are attributes of the root. A last line,
/// which HDF5 does not look at, seals all of it with a digest.
public struct Checkpoint: Equatable, Sendable {
  /// Steps that were taken in the whole run, over all phases.
  public var step: Int
  /// The phase that the next step belongs to, unless the run is done.
  public var phase: String
  /// Further whole numbers by name, such as the step counts of the optimizers.
  public var counters: [String: Int]
  /// Further finite numbers by name, such as the best score so far.
  public var measures: [String: Double]
  /// The resolved configuration, as YAML.
  public var configuration: String
  /// The identity of the dataset that the run reads.
  public var datasetIdentity: String
  /// The tensors by section, such as `generator`, `discriminator`, `generator_average`,
  /// `generator_adam_first`, `generator_adam_second`; in a section no name stands twice.
  public var sections: [String: [NamedTensor]]

  /// A state from its parts.
  public init(
    step: Int, phase: String, counters: [String: Int] = [:], measures: [String: Double] = [:],
    configuration: String, datasetIdentity: String, sections: [String: [NamedTensor]]
  ) {
    self.step = step
    self.phase = phase
    self.counters = counters
    self.measures = measures
    self.configuration = configuration
    self.datasetIdentity = datasetIdentity
    self.sections = sections
  }

  /// What the file is called by, in its root attribute `format`.
  public static let format = "srgan-checkpoint"
  /// The version of the layout that this program writes and reads.
  public static let version = 1
}
