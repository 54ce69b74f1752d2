import NeuralNetwork
import Storage

/// Why a model cannot be used, imported or removed. Each text is one line: what is wrong, and what to do.
public enum ModelError: Error, Sendable, CustomStringConvertible {
    /// There is no model of that name.
    case unknown(String, known: [String])
    /// The model has no such precision.
    case noSuchPrecision(model: String, asked: Precision)
    /// A name that a model cannot have.
    case badName(String)
    /// There is a model of that name already.
    case taken(String, path: String)
    /// A model inside the program can be neither removed nor replaced.
    case builtIn(String)
    /// A file of an imported model that is missing or is not as it was written.
    case damaged(model: String, file: String, what: String)
    /// The network of a file cannot be used.
    case network(file: String, NetworkError)
    /// The JSON beside a file cannot be used.
    case description(file: String, what: String)
    /// The file could be read and planned, and makes no vectors.
    case unusable(file: String, what: String)
    /// A calibration that came to nothing.
    case calibration(what: String)
    /// Collections were made with it.
    case inUse(String, collections: [String])
    /// Another process imports or removes a model in the same folder.
    case busy(path: String)
    /// What the system says of a file.
    case storage(StoreError)

    /// One line.
    public var description: String {
        switch self {
        case .unknown(let name, let known):
            "there is no model '\(name)': choose one of \(known.joined(separator: ", ")), or import one with "
                + "`lookalike model import`"
        case .noSuchPrecision(let model, let asked):
            "model \(model) has no precision \(asked.rawValue): leave the precision out"
        case .badName(let name):
            "'\(name)' cannot be the name of a model: use letters, digits, '.', '-' and '_', at most "
                + "\(ModelFiles.nameLimit), a letter or a digit first"
        case .taken(let name, let path):
            "there is a model '\(name)' already, in \(path): give another --name, or remove that one first"
        case .builtIn(let name): "model '\(name)' is part of the program: give the name of an imported one"
        case .damaged(let model, let file, let what):
            "\(file) of model '\(model)' \(what): restore it, or remove the model and import it again"
        case .network(let file, let error): "\(file): \(error)"
        case .description(let file, let what): "\(file): \(what)"
        case .unusable(let file, let what): "\(file): \(what)"
        case .calibration(let what): "the model could not be calibrated for int8: \(what)"
        case .inUse(let name, let collections):
            "model '\(name)' is used by \(collections.count == 1 ? "collection" : "collections") "
                + collections.joined(separator: ", ") + ": drop \(collections.count == 1 ? "it" : "them") first"
        case .busy(let path): "another program is changing the models in \(path): try again when it is done"
        case .storage(let error): error.description
        }
    }
}

/// What a `FileSystem` says, as a `ModelError`.
func files<Result>(_ body: () throws(StoreError) -> Result) throws(ModelError) -> Result {
    do throws(StoreError) { return try body() } catch { throw .storage(error) }
}
