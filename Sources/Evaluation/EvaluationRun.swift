import Dispatch
import Embedding
import ImageDecoding
import Indexing
import Synchronization

/// What a model was found to be worth on labelled pictures.
public struct EvaluationReport: Sendable {
    /// The figures of one set.
    public struct SetResult: Sendable {
        /// Its name.
        public var name: [UInt8]
        /// Pictures that were searched among.
        public var count: Int
        /// Those that nothing else in the set matches: no queries.
        public var withoutMatch: Int
        /// Files that could not be read as pictures.
        public var rejected: Int
        /// The mean over the queries; nil when there were none.
        public var quality: RetrievalQuality?
    }

    /// A file that is no picture, and why.
    public struct Reject: Sendable {
        /// Where it is.
        public var path: [UInt8]
        /// What is wrong with it.
        public var reason: String
    }

    /// The sets, in their order.
    public var sets: [SetResult]
    /// The mean over the sets that have queries, each counting the same; nil when none has.
    public var mean: RetrievalQuality? { RetrievalQuality.mean(sets.compactMap(\.quality)) }
    /// Files that could not be read, in the order of the sets.
    public var rejects: [Reject]
}

/// Rates a model: every labelled picture queries the others of its set.
public struct EvaluationRun: Sendable {
    private let images: LabelledImages
    private let path: ImageEmbedder

    /// A run over these pictures.
    public init(_ images: LabelledImages, with path: ImageEmbedder) {
        self.images = images
        self.path = path
    }

    /// Decodes, embeds and compares, on all cores. Nil when it was stopped.
    /// - Parameter progress: told how many of all pictures have been embedded; from any thread.
    /// - Parameter isStopped: asked before each picture.
    public func run(
        progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in },
        isStopped: @Sendable () -> Bool = { false }
    ) -> EvaluationReport? {
        let total = images.sets.reduce(0) { $0 + $1.images.count }
        var done = 0
        var report = EvaluationReport(sets: [], rejects: [])
        for set in images.sets {
            let before = done
            let embedded = embed(set.images, isStopped: isStopped) { progress(before + $0, total) }
            if isStopped() { return nil }
            done += set.images.count
            var (kept, vectors): ([LabelledImages.Image], [[Float]]) = ([], [])
            for (image, result) in zip(set.images, embedded) {
                switch result {
                case .success(let vector):
                    kept.append(image)
                    vectors.append(vector)
                case .failure(let fault): report.rejects.append(.init(path: image.path, reason: fault.reason))
                }
            }
            let qualities = LeaveOneOut.rate(kept, vectors, isStopped: isStopped)
            if isStopped() { return nil }
            let rated = qualities.compactMap { $0 }
            report.sets.append(
                .init(
                    name: set.name, count: kept.count, withoutMatch: kept.count - rated.count,
                    rejected: set.images.count - kept.count, quality: RetrievalQuality.mean(rated)))
        }
        return report
    }

    /// Why a picture has no vector.
    private struct Fault: Error { var reason: String }

    private func embed(
        _ images: [LabelledImages.Image], isStopped: @Sendable () -> Bool, progress: @Sendable (Int) -> Void
    ) -> [Result<[Float], Fault>] {
        let results = Mutex<[Result<[Float], Fault>]>(
            Array(repeating: .failure(Fault(reason: "stopped")), count: images.count))
        let done = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: images.count) { index in
            if isStopped() { return }
            let result = embed(images[index].path)
            results.withLock { $0[index] = result }
            progress(done.wrappingAdd(1, ordering: .relaxed).newValue)
        }
        return results.withLock { $0 }
    }

    private func embed(_ file: [UInt8]) -> Result<[Float], Fault> {
        switch FileContents.read(file, atMost: path.decoder.limits.fileBytes) {
        case .failure(let fault): return .failure(Fault(reason: fault.description))
        case .success(let bytes):
            do throws(DecodingError) {
                return .success(try path.embed(bytes).vector)
            } catch {
                return .failure(Fault(reason: error.reason))
            }
        }
    }
}
