import Catalogue
import HNSW
import NeuralNetwork
import RESP
import Storage
import VectorCollections

/// `VADD key (FP32 blob | VALUES n v.. | IMAGE bytes [BOX x y w h]) element [CAS] [NOQUANT|Q8] [EF n] [SETATTR json]
/// [M n] [MODEL name] [PRECISION f32|int8]`
///
/// MODEL and PRECISION go with IMAGE, and say what a new set is made with; one that is there must have been.
///
/// Everything a user can get wrong is found before a picture is decoded or a set is made.
struct VADD {
    private let key: CollectionName
    private let input: VectorInput
    private let element: ElementName
    private var quantization = Quantization.int8
    private var efConstruction: Int?
    private var m = HNSWParameters().m
    private var attributes: [UInt8]?
    private var model: String?
    private var precision: Precision?

    /// Reads the words, in the order in which the reference finds faults.
    init(_ words: Words) throws(CommandFailure) {
        key = words.collection(1)
        var index = 2
        input = try VectorInput.parse(words, &index, wordsBehind: 1)
        guard index < words.count else { throw .err("wrong number of arguments for 'VADD' command") }
        element = words.element(index)
        index += 1
        while index < words.count {
            if words.matches(index, "CAS") {
                // Here an insertion never holds up other clients, so there is nothing for CAS to move aside.
            } else if words.matches(index, "NOQUANT") {
                quantization = .f32
            } else if words.matches(index, "Q8") {
                quantization = .int8
            } else if words.matches(index, "BIN") {
                throw .notSupportedYet("BIN")
            } else if index + 1 < words.count, words.matches(index, "EF") {
                index += 1
                guard let ef = words.integer(index), HNSWParameters.efRange.contains(ef) else {
                    throw .err("invalid EF")
                }
                efConstruction = ef
            } else if index + 1 < words.count, words.matches(index, "M") {
                index += 1
                guard let links = words.integer(index), HNSWParameters.mRange.contains(links) else {
                    throw .err("invalid M")
                }
                m = links
            } else if index + 1 < words.count, words.matches(index, "SETATTR") {
                index += 1
                attributes = words.bytes(index)
            } else if case .image = input, index + 1 < words.count, words.matches(index, "MODEL") {
                index += 1
                model = words.text(index)
            } else if case .image = input, index + 1 < words.count, words.matches(index, "PRECISION") {
                index += 1
                precision = try ModelWords.precision(words, index)
            } else {
                throw .err("invalid option after element")
            }
            index += 1
        }
    }

    /// Adds or updates; true when the element is new.
    func run(_ services: CommandServices) throws(CommandFailure) -> RESPReply {
        let parameters = HNSWParameters(m: m)
        let change: AttributesChange =
            switch attributes {
            case nil: .keep
            case .some(let bytes): bytes.isEmpty ? .remove : .set(bytes)
            }
        switch input {
        case .vector(let vector):
            do {
                // A vector made elsewhere may join a set of pictures: it is the client's word that the model is the
                // same. The set keeps its own.
                let model = services.store.collection(key)?.configuration.model
                return .boolean(
                    try services.store.upsert(
                        element, ElementChange(vector: vector, attributes: change, efConstruction: efConstruction),
                        in: key,
                        configuration: CollectionConfiguration(
                            dimension: vector.count, quantization: quantization, parameters: parameters, model: model)))
            } catch {
                throw CommandFailure(error)
            }
        case .image(let bytes, let box):
            if let existing = services.store.collection(key)?.configuration {
                guard existing.quantization == quantization else { throw .quantizationMismatch }
                guard existing.parameters.m == m else { throw .mMismatch }
            }
            do {
                return .boolean(
                    try services.catalogue.add(
                        image: bytes, box: box, as: element, to: key,
                        creation: .init(
                            quantization: quantization, parameters: parameters, model: model, precision: precision),
                        efConstruction: efConstruction, attributes: { _ in change }
                    ).isNew)
            } catch {
                throw CommandFailure(error)
            }
        }
    }
}
