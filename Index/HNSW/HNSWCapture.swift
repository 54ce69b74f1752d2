#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An index as it was at one instant, kept while it goes on changing: what a snapshot is made of.
///
/// The writer copies each block of records before it changes it for the first time (`RecordCapture`), which costs it
/// some microseconds a change; it never waits for whoever writes the snapshot. Readers notice nothing.
///
/// Thread-safety: for one thread. The index may be used by others meanwhile. That is why the unchecked conformance
/// holds.
public final class HNSWCapture: @unchecked Sendable {
    private let index: HNSWIndex
    /// What there is besides the arrays.
    public let image: HNSWImage

    init(index: HNSWIndex, image: HNSWImage) {
        self.index = index
        self.image = image
    }

    deinit {
        // Freed when the lock has been let go of: there may be many copies.
        let ended = index.writer.withLock {
            HNSWArray.allCases.compactMap { array -> RecordCapture? in
                defer { index.records(array)?.endCapture() }
                return index.records(array)?.capture
            }
        }
        withExtendedLifetime(ended) {}
    }

    /// Calls `body` with the bytes of all records of an array in order, piece by piece.
    public func forEachSpan<Failure: Error>(
        of array: HNSWArray, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        guard let records = index.records(array), let capture = records.capture else { return }
        try records.forEachCapturedSpan(of: capture, body)
    }

    /// Has the index go on in the file that the capture was written to: what was in memory, or in an older file, is let
    /// go of as soon as no reader can be in it. The index's writers are kept waiting for one chunk of records at a
    /// time.
    public func adopt<Failure: Error>(_ mapped: (HNSWArray) throws(Failure) -> any MappedRecords) throws(Failure) {
        // All of the file is there before the first chunk goes over: in the middle there is no way back.
        var files: [HNSWArray: any MappedRecords] = [:]
        for array in HNSWArray.allCases where index.records(array) != nil { files[array] = try mapped(array) }
        var owners: [AnyObject] = []
        for array in HNSWArray.allCases {
            guard let records = index.records(array), let capture = records.capture, let file = files[array] else {
                continue
            }
            for chunk in 0..<records.adoptableChunks(of: capture) {
                file.populate(records.range(ofChunk: chunk))
                owners.append(index.writer.withLock { records.adopt(chunk: chunk, from: file, capture) })
            }
        }
        index.writer.withLock {
            for array in HNSWArray.allCases {
                if let check = index.records(array)?.allChecked() { owners.append(check) }
            }
            index.retired.append((owners, index.readers.retire()))
        }
        owners = []
        for _ in 0..<Self.patience where !index.giveBackRetired() { usleep(1000) }
    }

    /// How many milliseconds are waited for readers to leave memory that has been exchanged. What is not given back by
    /// then is with the next capture.
    private static let patience = 2000
}
