/// What the crash writer and the test that kills it agree on: the content of a version of an element.
public enum CrashScript {
    /// Values per vector.
    public static let dimension = 24
    /// The collection that is written to.
    public static let collection = "crash"

    /// The vector of a version.
    public static func vector(_ version: Int) -> [Float] {
        var random = SeededRandom(seed: UInt64(version))
        return random.vector(dimension)
    }

    /// The attributes of a version.
    public static func attributes(_ version: Int) -> [UInt8] { Array("{\"version\":\(version)}".utf8) }

    /// The thumbnail of a version: some have none.
    public static func thumbnail(_ version: Int) -> [UInt8]? {
        version % 3 == 0 ? nil : [UInt8](repeating: UInt8(truncatingIfNeeded: version), count: 200 + version % 700)
    }
}
