import Storage
import TestSupport
import VectorCollections

/// Everything that is done with a store that may be damaged: asked all there is to ask, checked, changed, saved, opened
/// again. Collects what went wrong, and which answers were not the right ones.
struct Examination {
    let store: FuzzStore
    let disk: MemoryFileSystem
    /// What is compared with; nil if nobody can say.
    let expected: [Question: Question.Answer]?
    /// Whether a thumbnail may be missing.
    var mayLackThumbnails = false
    /// Whether what is stored may contradict itself, so that a change may come upon it.
    var isForged = false

    /// What was thrown.
    private(set) var errors: [StoreError] = []
    /// Answers that were wrong.
    private(set) var wrong: [String] = []
    /// What `verify` found.
    private(set) var faults: [String] = []
    /// Whether the store could be opened at all.
    private(set) var isOpen = false
    /// How many questions there were.
    private(set) var asked = 0

    init(_ store: FuzzStore, on disk: MemoryFileSystem, expecting expected: [Question: Question.Answer]?) {
        self.store = store
        self.disk = disk
        self.expected = expected
    }

    /// As a reader, who asks everything, and has everything checked.
    mutating func read() {
        var options = StoreOptions()
        options.readOnly = true
        attempt { (examination) throws(StoreError) in
            let opened = try Store.open(FuzzStore.path, options: options, fileSystem: examination.disk)
            examination.isOpen = true
            examination.askAll(opened)
        }
        do throws(StoreError) {
            faults = try Store.verify(FuzzStore.path, fileSystem: disk).flatMap(\.faults)
        } catch {
            faults.append(error.description)
        }
    }

    private mutating func attempt(_ body: (inout Examination) throws(StoreError) -> Void) {
        do { try body(&self) } catch { errors.append(error) }
    }

    private mutating func askAll(_ opened: Store, changed: [Question: Question.Answer] = [:], linksToo: Bool = true) {
        for question in Question.all(of: store) where linksToo || question.isOfContents {
            if !linksToo, case .search = question { continue }
            attempt { (examination) throws(StoreError) in
                let answer = try question.ask(opened, examination.store)
                examination.asked += 1
                guard let right = changed[question] ?? examination.expected?[question], answer != right else { return }
                if case .thumbnail = question, answer == .bytes(nil), examination.mayLackThumbnails { return }
                examination.wrong.append("\(question): \(answer) instead of \(right)")
            }
        }
    }

    // MARK: Changes

    /// As a writer, who asks everything first or nothing, makes some changes, saves, and opens the store again.
    mutating func change(_ random: inout SeededRandom) {
        let asksFirst = Bool.random(using: &random)
        let checkpoints = Bool.random(using: &random)
        let closes = Bool.random(using: &random)
        var changed: [Question: Question.Answer] = [:]
        var draws = random
        attempt { (examination) throws(StoreError) in
            let opened = try Store.open(
                FuzzStore.path, options: StoreOptions(durability: .none), fileSystem: examination.disk)
            if asksFirst { examination.askAll(opened) }
            for collection in [FuzzStore.main, FuzzStore.side] {
                examination.change(collection, opened, &changed, &draws)
            }
            if checkpoints { examination.attempt { (_) throws(StoreError) in try opened.checkpoint() } }
            if expectsSoundness(examination) {
                for name in opened.collectionNames {
                    let report = opened.collection(name)?.validate(thumbnails: true)
                    for issue in report?.issues ?? [] where !examination.mayLackThumbnails {
                        examination.wrong.append("unsound after changes: \(issue)")
                    }
                }
            }
            if closes { examination.attempt { (_) throws(StoreError) in try opened.close() } }
        }
        var options = StoreOptions()
        options.readOnly = true
        attempt { (examination) throws(StoreError) in
            let again = try Store.open(FuzzStore.path, options: options, fileSystem: examination.disk)
            examination.askAll(again, changed: changed, linksToo: false)
        }
        func expectsSoundness(_ examination: Examination) -> Bool {
            examination.expected != nil && !examination.isForged && examination.errors.isEmpty
                && examination.faults.isEmpty
        }
    }

    /// Adds, updates and removes an element, and changes the attributes of another. What comes about is expected from
    /// then on.
    private mutating func change(
        _ collection: CollectionName, _ opened: Store, _ changed: inout [Question: Question.Answer],
        _ random: inout SeededRandom
    ) {
        let pool = store.names[collection] ?? []
        func expect(_ name: ElementName, isThere: Bool, _ changed: inout [Question: Question.Answer]) {
            changed[.contains(collection, name)] = .truth(isThere)
            guard !isThere else { return }
            changed[.vector(collection, name)] = .vector(nil, norm: nil)
            changed[.attributes(collection, name)] = .bytes(nil)
            changed[.thumbnail(collection, name)] = .bytes(nil)
        }
        for name in [pool.randomElement(using: &random)!, pool.randomElement(using: &random)!, pool[pool.count - 1]] {
            let vector = random.vector(store.configuration.dimension)
            let bytes: [UInt8] = [UInt8.random(in: 0...255, using: &random), 7]
            attempt { (examination) throws(StoreError) in
                _ = try opened.upsert(
                    name, ElementChange(vector: vector, attributes: .set(bytes), thumbnail: bytes), in: collection,
                    configuration: examination.store.configuration)
                expect(name, isThere: true, &changed)
                // As it is stored, which is for the tests of collections to judge.
                let question = Question.vector(collection, name)
                changed[question] = try question.ask(opened, examination.store)
                changed[.attributes(collection, name)] = .bytes(bytes)
                changed[.thumbnail(collection, name)] = .bytes(bytes)
            }
        }
        for name in [pool.randomElement(using: &random)!, pool.randomElement(using: &random)!] {
            attempt { (_) throws(StoreError) in
                _ = try opened.remove(name, from: collection)
                expect(name, isThere: false, &changed)
            }
        }
        let (name, bytes) = (pool.randomElement(using: &random)!, [UInt8(1), 2, 3])
        attempt { (_) throws(StoreError) in
            if try opened.collection(collection)?.setAttributes(bytes, of: name) == true {
                changed[.attributes(collection, name)] = .bytes(bytes)
            }
        }
        settle(collection, &changed)
    }

    /// What is expected of a collection as a whole after changes: it may have come about by them, or have lost its last
    /// element.
    private func settle(_ collection: CollectionName, _ changed: inout [Question: Question.Answer]) {
        guard let expected else { return }
        let pool = store.names[collection] ?? []
        let names = pool.filter {
            (changed[.contains(collection, $0)] ?? expected[.contains(collection, $0)]) == .truth(true)
        }
        for name in pool where !names.contains(name) {
            changed[.contains(collection, name)] = names.isEmpty ? .nothing : .truth(false)
            changed[.vector(collection, name)] = names.isEmpty ? .nothing : .vector(nil, norm: nil)
            changed[.attributes(collection, name)] = names.isEmpty ? .nothing : .bytes(nil)
            changed[.thumbnail(collection, name)] = names.isEmpty ? .nothing : .bytes(nil)
        }
        changed[.names(collection)] = names.isEmpty ? .nothing : .names(names.sorted())
        guard case .collections(var collections)? = changed[.collections] ?? expected[.collections] else { return }
        collections.removeAll { $0 == collection }
        if !names.isEmpty { collections.append(collection) }
        changed[.collections] = .collections(collections.sorted())
    }
}
