import Catalogue
import NIOPosix
import NeuralNetwork
import Storage
import VectorCollections

/// Indexes into a store that this process holds.
public struct StoreTarget: IndexTarget {
    private let catalogue: Catalogue
    private let collection: CollectionName
    private let creation: Catalogue.Creation
    /// Threads of their own: on those that run tasks, nothing else would come to its turn, Ctrl-C among it.
    private let threads: NIOThreadPool
    /// A file a core: each is decoded and embedded on the thread that took it.
    public let width: Int

    /// Adds to `collection`, which is made with `model` (nil: the default) when there is none.
    /// - Throws: when the collection cannot take pictures of that model.
    public init(
        _ catalogue: Catalogue, collection: CollectionName, model: String?, precision: Precision? = nil, jobs: Int
    ) throws(CatalogueError) {
        self.catalogue = catalogue
        self.collection = collection
        creation = Catalogue.Creation(model: model, precision: precision)
        width = jobs
        _ = try catalogue.imageEmbedder(for: collection, model: model, precision: precision)
        threads = NIOThreadPool(numberOfThreads: jobs)
        threads.start()
    }

    /// Looks the element up.
    public func attributes(of name: [UInt8]) throws(StoreError) -> [UInt8]? {
        try catalogue.store.collection(collection)?.attributes(of: ElementName(bytes: name))
    }

    /// Decodes, embeds, stores.
    public func add(_ file: FoundFile, contents: [UInt8], former: [UInt8]?) async throws -> AddResult {
        try await threads.runIfActive { try addHere(file, contents, former) }
    }

    /// Ends the threads.
    public func finish() async throws { try await threads.shutdownGracefully() }

    private func addHere(_ file: FoundFile, _ contents: [UInt8], _ former: [UInt8]?) throws -> AddResult {
        do throws(CatalogueError) {
            let added = try catalogue.add(
                image: contents, as: ElementName(bytes: file.name), to: collection, creation: creation
            ) { image in
                .set(ImageAttributes.json(of: file, image.facts, isTruncated: image.isTruncated, keeping: former))
            }
            return .indexed(note: added.image.isTruncated ? truncatedNote : nil)
        } catch {
            switch error {
            case .image(let fault): return .rejected(fault.reason)
            // The fault of one file or of its name; others may well go in.
            case .store(.limitExceeded), .store(.invalidVector): return .rejected(error.description)
            default: throw error
            }
        }
    }
}
