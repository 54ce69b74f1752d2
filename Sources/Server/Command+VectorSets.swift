import RESP
import Storage
import VectorCollections

extension Command {
    /// The vector-set commands; each has its file where it takes more than a few lines.
    static let vectorSets: [Command] = [
        Command("VADD", arity: -5, flags: [.write, .denyoom, .module], firstKey: 1) {
            words, _, services throws(CommandFailure) in
            try VADD(words).run(services)
        },
        Command("VSIM", arity: -4, flags: [.readonly, .module], firstKey: 1) {
            words, session, services throws(CommandFailure) in
            try VSIM.run(words, session.version, services)
        },
        Command("VREM", arity: 3, flags: [.write, .module], firstKey: 1) {
            words, _, services throws(CommandFailure) in
            do throws(StoreError) {
                return .boolean(try services.store.remove(words.element(2), from: words.collection(1)))
            } catch {
                throw CommandFailure(error)
            }
        },
        Command("VCARD", arity: 2, flags: [.readonly, .fast, .module], firstKey: 1) { words, _, services in
            .integer(services.store.collection(words.collection(1))?.count ?? 0)
        },
        Command("VDIM", arity: 2, flags: [.readonly, .fast, .module], firstKey: 1) {
            words, _, services throws(CommandFailure) in
            guard let collection = services.store.collection(words.collection(1)) else {
                throw .err("key does not exist")
            }
            return .integer(collection.configuration.dimension)
        },
        Command("VISMEMBER", arity: 3, flags: [.readonly, .module], firstKey: 1) {
            words, _, services throws(CommandFailure) in
            try stored { () throws(StoreError) in
                .boolean(try services.store.collection(words.collection(1))?.contains(words.element(2)) ?? false)
            }
        },
        Command("VEMB", arity: -3, flags: [.readonly, .fast, .module], firstKey: 1) {
            words, _, services throws(CommandFailure) in
            guard words.count == 3 || (words.count == 4 && words.matches(3, "RAW")) else {
                throw words.count == 4
                    ? .err("invalid option") : .err("wrong number of arguments for 'VEMB' command")
            }
            guard let collection = services.store.collection(words.collection(1)),
                let vector = try stored({ () throws(StoreError) in try collection.vector(of: words.element(2)) })
            else { return .null }
            let form = StoredForm(vector.unit, norm: vector.norm, collection.configuration.quantization)
            return words.count == 4 ? form.raw : form.values
        },
        Command("VGETATTR", arity: 3, flags: [.readonly, .fast, .module], firstKey: 1) {
            words, _, services throws(CommandFailure) in
            try stored { () throws(StoreError) in
                try services.store.collection(words.collection(1))?.attributes(of: words.element(2))
                    .map { .bulk($0) } ?? .null
            }
        },
        Command("VSETATTR", arity: 4, flags: [.write, .fast, .module], firstKey: 1) {
            words, _, services throws(CommandFailure) in
            guard let collection = services.store.collection(words.collection(1)) else { return .boolean(false) }
            let attributes = words.bytes(3)
            return try stored { () throws(StoreError) in
                .boolean(try collection.setAttributes(attributes.isEmpty ? nil : attributes, of: words.element(2)))
            }
        },
        Command("VINFO", arity: 2, flags: [.readonly, .fast, .module], firstKey: 1) { words, _, services in
            guard let collection = services.store.collection(words.collection(1)) else { return .nullArray }
            return info(collection)
        },
        Command("VTHUMB", arity: 3, flags: [.readonly, .module], firstKey: 1) {
            words, _, services throws(CommandFailure) in
            do throws(StoreError) {
                return try services.store.collection(words.collection(1))?.thumbnail(of: words.element(2))
                    .map { .bulk($0) } ?? .null
            } catch {
                throw CommandFailure(error)
            }
        },
        Command("VMODEL", arity: 2, flags: [.readonly, .fast, .module], firstKey: 1) { words, _, services in
            guard let model = services.store.collection(words.collection(1))?.configuration.model else { return .null }
            return .array([.text(model.name), .text(model.contentHash)])
        },
        Command("MODELS", arity: -1, flags: [.readonly]) { words, _, services throws(CommandFailure) in
            try ModelWords.run(words, services)
        },
        Command("EMBED", arity: -3, flags: [.readonly]) { words, _, services throws(CommandFailure) in
            try EMBED.run(words, services)
        },
    ]

    private static func info(_ collection: Collection) -> RESPReply {
        let configuration = collection.configuration
        func pair(_ name: String, _ value: Int) -> RESPReply.Pair { .init(.simple(name), .integer(value)) }
        return .map([
            .init(.simple("quant-type"), .simple(configuration.quantization.rawValue)),
            pair("hnsw-m", configuration.parameters.m),
            pair("vector-dim", configuration.dimension),
            pair("projection-input-dim", 0),
            pair("size", collection.count),
            pair("max-level", collection.maxLevel),
            pair("attributes-count", collection.attributesCount),
            pair("vset-uid", Int(truncatingIfNeeded: collection.uid)),
            pair("hnsw-max-node-uid", collection.maxNodeID.map { Int($0.rawValue) } ?? 0),
        ])
    }
}
