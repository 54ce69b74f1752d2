import Synchronization

/// What a loss of power may do to the contents of one file of a `FaultyFileSystem`.
///
/// The file itself has the latest contents. Kept here is what they were at the last sync, where they differ: of each
/// sector that was written to or cut off since then, the bytes it had. That takes as much memory as was changed, and
/// twice the time, which is well for the small files of tests. The file is known by its object and not by its name, so
/// renaming and removing it change nothing.
///
/// Thread-safety: one mutex, held while the file is changed and synced, so that no byte counts as durable that was
/// written while the sync was under way.
final class UnsyncedContents: Sendable {
    private struct State: Sendable {
        var durableSize: UInt64
        /// By number: the bytes up to the durable end that a sector had at the last sync.
        var before: [UInt64: [UInt8]] = [:]
        var isChanged = false
    }

    private let state: Mutex<State>

    /// For a file that has `durableSize` bytes, all of them durable.
    init(durableSize: UInt64) { state = Mutex(State(durableSize: durableSize)) }

    /// Writes to the file.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64, to file: any StorageFile) throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            try Self.keep(offset..<offset + UInt64(bytes.count), of: file, in: &state)
            try file.write(bytes, at: offset)
        }
    }

    /// Cuts or extends the file.
    func truncate(to size: UInt64, _ file: any StorageFile) throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            // Beyond the durable end nothing was there, and beyond the file's nothing changes but its size.
            let end = min(try file.size(), state.durableSize)
            if size < end { try Self.keep(size..<end, of: file, in: &state) }
            state.isChanged = true
            try file.truncate(to: size)
        }
    }

    /// Makes the file durable as it is.
    func sync(_ file: any StorageFile) throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            try file.sync()
            state = State(durableSize: try file.size())
        }
    }

    /// Keeps what a part of the file was at the last sync, as far as that has not been done before.
    private static func keep(_ range: Range<UInt64>, of file: any StorageFile, in state: inout State)
        throws(StoreError)
    {
        guard !range.isEmpty else { return }
        let sectorSize = PowerLoss.sectorSize
        for sector in range.lowerBound / sectorSize...(range.upperBound - 1) / sectorSize
        where state.before[sector] == nil {
            let start = sector * sectorSize
            let count = start < state.durableSize ? min(sectorSize, state.durableSize - start) : 0
            // A sector that has not been changed is as it was.
            state.before[sector] = count > 0 ? try file.read(at: start, count: Int(count)) : []
        }
        state.isChanged = true
    }

    /// Whether `lose` would do anything.
    var isChanged: Bool { state.withLock { $0.isChanged } }

    /// Takes from the file what a loss of power takes. What is left is durable.
    func lose(_ draw: inout PowerLossDraw, from file: any StorageFile) throws(StoreError) {
        let old = state.withLock { $0 }
        let latestSize = try file.size()
        let size = draw.beginFile(durable: old.durableSize, latest: latestSize)
        for (sector, bytes) in old.before.sorted(by: { $0.key < $1.key }) {
            let start = sector * PowerLoss.sectorSize
            let isKept = draw.keepsSector()
            // Of what was cut off there is no later version.
            if isKept, start < latestSize { continue }
            let zeros = [UInt8](repeating: 0, count: Int(PowerLoss.sectorSize) - bytes.count)
            try file.write(bytes + zeros, at: start)
        }
        try file.truncate(to: size)
        try file.sync()
        state.withLock { $0 = State(durableSize: size) }
    }
}
