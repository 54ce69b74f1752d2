/// A value of the filter language, from an expression or from attributes. There are no booleans: `true` and `false` in
/// attributes are 1 and 0.
public enum FilterValue: Equatable, Sendable {
    /// Equal only to itself; 0 where a number is needed.
    case null
    /// Any binary64, infinities and NaN included.
    case number(Double)
    /// Any bytes, UTF-8 or not.
    case string([UInt8])
    /// The items of a tuple literal or a JSON array. Nothing in the language looks into an array within an array, so
    /// there the items are not kept: `[[1, 2]]` is read as `.tuple([.tuple([])])`.
    case tuple([FilterValue])
}
