import Catalogue
import RESP
import Storage

/// An error reply: its code and text.
struct CommandFailure: Error {
    let code: String
    let text: String

    /// `-ERR text`.
    static func err(_ text: String) -> CommandFailure { CommandFailure(code: "ERR", text: text) }

    /// What the contract promises and this version does not do.
    static func notSupportedYet(_ what: String) -> CommandFailure { .err("\(what) is not supported yet") }

    /// The set was made with another of Q8, NOQUANT, BIN.
    static let quantizationMismatch = CommandFailure.err("asked quantization mismatch with existing vector set")
    /// The set was made with another M.
    static let mMismatch = CommandFailure.err("asked M value mismatch with existing vector set")

    /// The set's vectors have another length.
    static func dimensionMismatch(asked: some CustomStringConvertible, existing: some CustomStringConvertible) -> Self {
        .err("Vector dimension mismatch - got \(asked) but set has \(existing)")
    }

    var reply: RESPReply { .error("\(code) \(text)") }
}

/// What a store says, its refusal as the wire puts it.
func stored<Result>(_ body: () throws(StoreError) -> Result) throws(CommandFailure) -> Result {
    do throws(StoreError) { return try body() } catch { throw CommandFailure(error) }
}

extension CommandFailure {
    /// A store's refusal as the wire puts it; mismatches in the reference's words.
    init(_ error: StoreError) {
        switch error {
        case .configurationMismatch(.quantization, _, _): self = .quantizationMismatch
        case .configurationMismatch(.m, _, _): self = .mMismatch
        case .configurationMismatch(.dimension, let existing, let asked):
            self = .dimensionMismatch(asked: asked, existing: existing)
        case .dimensionMismatch(let expected, let got): self = .dimensionMismatch(asked: got, existing: expected)
        case .invalidVector: self = .err("invalid vector specification")
        default: self = .err(error.description)
        }
    }

    /// A picture's refusal: `-IMAGE reason` when it is the picture's fault.
    init(_ error: CatalogueError) {
        switch error {
        case .image(let error): self = CommandFailure(code: "IMAGE", text: error.reason)
        case .store(let error): self = CommandFailure(error)
        default: self = .err(error.description)
        }
    }
}
