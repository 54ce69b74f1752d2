/// The names of the files in which a store keeps the models of its collections: `models/NAME/FILE`. What is in them is
/// not the store's business; it carries them in backups, because vectors without the model that made them are of little
/// use.
public enum ModelFiles {
    /// The folder of all models in a store.
    public static let folderName = "models"
    /// What is known of a model.
    public static let record = "model.json"
    /// Its network.
    public static let network = "model.onnx"
    /// The ranges of its values, where they are known.
    public static let ranges = "ranges.json"
    /// All of a model's files, in the order in which they are written.
    public static let all = [record, network, ranges]
    /// Most bytes of a model's name: with it, a path in a store stays within what a backup holds.
    public static let nameLimit = 64

    /// Whether a model may have this name: letters, digits, `.`, `-` and `_`, a letter or digit first, so that it is
    /// safe as the name of a folder and as a word on a command line.
    public static func isValid(name: some StringProtocol) -> Bool {
        func isPlain(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard let first = name.utf8.first, name.utf8.count <= nameLimit else { return false }
        return isPlain(first) && name.utf8.allSatisfy { isPlain($0) || ".-_".utf8.contains($0) }
    }
}
