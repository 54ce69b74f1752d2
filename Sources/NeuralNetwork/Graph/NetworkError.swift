/// Why a network cannot be read, planned or run. Every message names what is wrong and where, for the one who made or
/// exported the file.
public enum NetworkError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes are no ONNX model, or a damaged one.
    case malformed(String)
    /// A limit of `NetworkLimits` is passed.
    case tooLarge(String)
    /// The model is sound and uses something that is not built: an operator, an attribute, an element type, an opset.
    case unsupported(String)
    /// The model contradicts itself: shapes that do not fit, a value that nothing produces, a cycle.
    case inconsistent(String)
    /// What the caller asked for is not in the model: an output's name, an input size.
    case badRequest(String)

    /// What is wrong, in one line.
    public var description: String {
        switch self {
        case .malformed(let what): "not a usable ONNX model: \(what)"
        case .tooLarge(let what): "the model is too large: \(what)"
        case .unsupported(let what): "not supported: \(what)"
        case .inconsistent(let what): "the model contradicts itself: \(what)"
        case .badRequest(let what): what
        }
    }
}
