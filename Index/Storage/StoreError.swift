/// What can go wrong with a store. The description of each is one line that says what is wrong and what to do.
public enum StoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The folder belongs to something else, or the path is no folder. It was left as it is.
    case notAStore(path: String, reason: String)
    /// There is no store and none was to be made.
    case missing(path: String)
    /// Another process (or this one, a second time) has the store open. pid and program as far as they are known.
    case inUse(path: String, pid: Int32?, program: String?)
    /// A file of a later version of the format.
    case unsupportedVersion(file: String, found: UInt32, supported: UInt32)
    /// A file that is not as it was written.
    case corrupt(file: String, offset: UInt64, what: String)
    /// The device (or the quota) is full. Nothing was changed.
    case noSpace(path: String)
    /// The store was opened to be read, or lies on a device that cannot be written.
    case readOnly(path: String)
    /// An earlier failure left it unknown what is on the device; nothing more is written.
    case failed(path: String, reason: String)
    /// The store has been closed.
    case closed(path: String)
    /// The system refused an operation.
    case io(path: String, operation: String, reason: String)
    /// A vector has another length than its collection (or the configuration asked for) says.
    case dimensionMismatch(expected: Int, got: Int)
    /// A collection exists and is of another kind than was asked for.
    case configurationMismatch(ConfigurationAspect, existing: String, asked: String)
    /// A file that is no backup, or is not as it was written. Nothing was restored from it.
    case badBackup(file: String, offset: UInt64, what: String)
    /// Something that a backup or a restore does not touch. The reason says what to do.
    case refused(path: String, reason: String)
    /// The user has stopped what was being made.
    case interrupted(path: String)
    /// A vector that no distance can be computed with.
    case invalidVector(reason: String)
    /// Something is larger than its limit. `what` names it.
    case limitExceeded(what: String, value: UInt64, limit: UInt64)
    /// The system has no memory for more vectors.
    case outOfMemory(reason: String)

    /// What two configurations can differ in.
    public enum ConfigurationAspect: String, Sendable {
        /// The quantization asked for.
        case quantization
        /// Links per node.
        case m
        /// Values per vector.
        case dimension
        /// What distances mean.
        case metric
        /// The model that made the vectors.
        case model
    }

    /// One line: what is wrong and what to do.
    public var description: String {
        switch self {
        case .notAStore(let path, let reason):
            "\(path) is not a store: \(reason); give an empty or a new folder"
        case .missing(let path): "there is no store at \(path); check the path, or create one by adding to it"
        case .inUse(let path, let pid, let program):
            "the store \(path) is in use by \(program ?? "another program")\(pid.map { " (pid \($0))" } ?? "")"
                + "; wait until it is done, or stop it"
        case .unsupportedVersion(let file, let found, let supported):
            found > supported
                ? "\(file) has format version \(found), but this program reads up to \(supported); use a newer program"
                : "\(file) has format version \(found), of before the first release; fill a new store"
        case .corrupt(let file, let offset, let what):
            "\(file) is corrupt at byte \(offset): \(what); restore it from a backup or repair the store"
        case .noSpace(let path):
            "no space left for \(path); free some and try again; what was acknowledged before is safe"
        case .readOnly(let path):
            "\(path) cannot be changed: it is open for reading only, or lies on a read-only file system"
        case .failed(let path, let reason):
            "the store \(path) takes no more writes since \(reason); check the device, then open the store again"
        case .closed(let path): "the store \(path) has been closed; open it again"
        case .io(let path, let operation, let reason):
            "cannot \(operation) \(path): \(reason); check its rights and the disk"
        case .badBackup(let file, let offset, let what):
            "\(file) is no sound backup: at byte \(offset) \(what); nothing was restored, use another backup"
        case .refused(let path, let reason): "\(path) \(reason)"
        case .interrupted(let path): "stopped before \(path) was complete: nothing of it is left; start again"
        case .dimensionMismatch(let expected, let got):
            "the vector has \(got) values but \(expected) are expected; use the model that made the collection"
        case .configurationMismatch(let aspect, let existing, let asked):
            "the collection has \(aspect) \(existing) but \(asked) was asked for; ask for the same or use another "
                + "collection"
        case .invalidVector(let reason): "the vector cannot be used: \(reason)"
        case .limitExceeded(let what, let value, let limit):
            "\(what) is \(value) but at most \(limit) is allowed; make it smaller"
        case .outOfMemory(let reason): reason
        }
    }
}
