import NeuralNetwork
import TestSupport

/// A small graph drawn at random, with what the reference operators make of one picture.
///
/// It grows by one operator, or a usual pattern of several, at a time. What cannot be compared is not kept: results that
/// are empty, large, or so ill-conditioned that rounding alone would show. To find those, everything is computed twice,
/// the second time with errors far above those of rounding.
struct RandomNetwork {
    var random: SeededRandom
    private(set) var builder: GraphBuilder
    /// What each value is, by `ValueID`, and what it is with errors.
    private var exact: [ValueID: Tensor] = [:]
    private var rough: [ValueID: Tensor] = [:]
    /// The values that depend on the picture, in the order of making.
    private(set) var values: [ValueID] = [GraphBuilder.input]
    let picture: Tensor

    /// Whether pictures have so many pixels that layers run in several bands.
    private let isLarge: Bool
    /// Elements that a value may have.
    private var mostElements: Int { isLarge ? 120_000 : 5000 }
    /// Multiply-accumulates that a node may take.
    static let mostWork = 20_000_000
    /// One in how many picks is of any value, not of a late one.
    private let habit: Int
    static let largest: Float = 100

    /// A graph of about `size` operators.
    init(_ random: SeededRandom, size: Int, isLarge: Bool = false) {
        var random = random
        self.isLarge = isLarge
        habit = Int.random(in: 1...5, using: &random)
        // Small sides, with channel counts on both sides of a vector's and a panel's width.
        let channels = [1, 2, 3, 3, 4, 6, 8, 16, 17, 20, 33].randomElement(using: &random) ?? 3
        let sides = (0..<2).map { _ in Int.random(in: isLarge ? 20...48 : 1...9, using: &random) }
        let sizes = [1, channels] + sides
        picture = Tensor(random.vector(sizes.reduce(1, *)), TensorShape(sizes))
        builder = GraphBuilder(sizes)
        self.random = random
        exact[GraphBuilder.input] = picture
        rough[GraphBuilder.input] = picture
        var tries = 0
        while builder.graph.nodes.count < size, tries < 20 * size {
            tries += 1
            grow()
        }
    }

    func shape(_ value: ValueID) -> [Int] { builder.shape(value) }

    /// The elements of a value that depends on the picture.
    func elements(_ value: ValueID) -> [Float] { exact[value]?.floats ?? [] }

    /// The largest magnitude among all values: what rounding errors are measured by.
    var largest: Float { values.reduce(0) { max($0, elements($1).reduce(0) { max($0, abs($1)) }) } }

    /// Whether nothing was rounded on the way from the picture to here.
    func isUnrounded(_ value: ValueID) -> Bool { exact[value] == rough[value] }

    // MARK: Drawing

    mutating func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    mutating func chance(_ one: Int) -> Bool { draw(1...one) == 1 }
    mutating func one<Element>(of elements: [Element]) -> Element { elements[draw(0...elements.count - 1)] }

    /// A value that passes, rather a late one than an early one.
    mutating func pick(_ passes: (ValueID) -> Bool = { _ in true }) -> ValueID? {
        let late = values.suffix(5).filter(passes)
        if !late.isEmpty, !chance(habit) { return one(of: late) }
        let all = values.filter(passes)
        return all.isEmpty ? nil : one(of: all)
    }

    /// A constant of numbers around 0.
    mutating func weights(_ sizes: [Int], scale: Float = 1, around: Float = 0) -> ValueID {
        let numbers = random.vector(sizes.reduce(1, *)).map { around + $0 * scale }
        return builder.constant(numbers, sizes)
    }

    mutating func constant(_ values: [Float], _ sizes: [Int]) -> ValueID { builder.constant(values, sizes) }
    mutating func number(_ value: Float) -> ValueID { builder.number(value) }
    mutating func list(_ values: [Int]) -> ValueID { builder.list(values) }
    mutating func integer(_ value: Int) -> ValueID { builder.constant(Tensor([Int64(value)], [])) }

    // MARK: Growing

    /// Adds a node and keeps it where its results can be compared, else leaves all as it was and returns nil.
    @discardableResult
    mutating func add(_ operation: Operator, _ inputs: [ValueID?], outputs: Int = 1) -> [ValueID]? {
        var grown = builder
        guard let made = try? grown.add(operation, inputs, outputs: outputs), let node = grown.graph.nodes.last,
            made.allSatisfy({ (1...mostElements).contains(grown.shape($0).reduce(1, *)) }),
            operation.work(inputs: inputs.map { $0.map { grown.types[$0] } }, outputs: made.map { grown.types[$0] })
                <= Self.mostWork
        else { return nil }
        func evaluated(_ contents: [ValueID: Tensor]) -> [Tensor]? {
            let inputs = inputs.map { value in value.flatMap { contents[$0] ?? grown.constant($0) } }
            return try? operation.evaluate(inputs, node: node, limits: NetworkLimits())
        }
        guard let results = evaluated(exact), var others = evaluated(rough) else { return nil }
        for (index, result) in results.enumerated() {
            guard let floats = result.floats, var other = others[index].floats,
                floats.allSatisfy({ abs($0) <= Self.largest })
            else { return nil }
            let range = floats.reduce(0.01) { max($0, abs($1)) }
            if operation.rounds {
                for place in other.indices { other[place] += 1e-4 * range * Float.random(in: -1...1, using: &random) }
                others[index] = Tensor(other, result.shape)
            }
            guard zip(floats, other).allSatisfy({ abs($0 - $1) <= 0.01 * range }) else { return nil }
        }
        for (value, (result, other)) in zip(made, zip(results, others)) {
            exact[value] = result
            rough[value] = other
        }
        builder = grown
        values += made
        return made
    }

    /// Adds a node with one output.
    @discardableResult
    mutating func add(_ operation: Operator, _ inputs: ValueID?...) -> ValueID? { add(operation, inputs)?[0] }

    private mutating func grow() {
        if isLarge, chance(3) { return separable() }
        switch draw(0...40) {
        case 0...5: convolution()
        case 6...7: separable()
        case 8...9: normalisation()
        case 10...12: activation()
        case 13: spelledOutActivation()
        case 14...15: pool()
        case 16: globalPool()
        case 17...19: concatenation()
        case 20: split()
        case 21: slice()
        case 22: reshape()
        case 23: shuffle()
        case 24: transpose()
        case 25...27: residual()
        case 28: squeezeAndExcite()
        case 29: binary()
        case 30: constantArithmetic()
        case 31: product()
        case 32: softmax()
        case 33: layerNormalization()
        case 34: pad()
        case 35: resize()
        case 36: expand()
        case 37: squeeze()
        case 38: reduce()
        case 39: gather()
        default: attention()
        }
    }
}

extension Operator {
    /// Whether results are anything but some of the inputs' elements.
    fileprivate var rounds: Bool {
        switch self {
        case .unary(.relu), .unary(.abs), .unary(.negate), .unary(.floor), .unary(.ceil), .clip, .concat, .split,
            .slice, .reshape, .flatten, .transpose, .squeeze, .unsqueeze, .pad, .expand, .gather, .identity, .cast,
            .globalPool(.max), .binary(.minimum), .binary(.maximum), .reduce(.max, _, _), .reduce(.min, _, _):
            false
        case .pool(let pooling): pooling.kind != .max
        case .resize(let resizing): resizing.mode != .nearest
        default: true
        }
    }
}
