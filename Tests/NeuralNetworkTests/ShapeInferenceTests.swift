import NeuralNetwork
import Testing

/// What is refused, and that the message says what and where.
@Suite struct ShapeInferenceTests {
    typealias Given = NodeUnderTest.Given

    /// Inputs that an operator must refuse, and what its message must contain.
    struct Refusal: Sendable, CustomTestStringConvertible {
        enum Kind: Sendable { case inconsistent, unsupported, tooLarge }
        var operation: Operator
        var inputs: [Given?]
        var kind: Kind
        var says: String

        init(_ operation: Operator, _ inputs: [Given?], _ says: String) {
            self.init(operation, inputs, .inconsistent, says)
        }

        init(_ operation: Operator, _ inputs: [Given?], _ kind: Kind, _ says: String) {
            self.operation = operation
            self.inputs = inputs
            self.kind = kind
            self.says = says
        }

        var testDescription: String { "\(operation): \(says)" }
    }

    private func expect(_ refusal: Refusal) {
        do {
            let shapes = try NodeUnderTest(refusal.operation).shapes(refusal.inputs)
            Issue.record("\(refusal.testDescription): accepted as \(shapes)")
        } catch {
            let kind: Refusal.Kind? =
                switch error {
                case .inconsistent: .inconsistent
                case .unsupported: .unsupported
                case .tooLarge: .tooLarge
                default: nil
                }
            #expect(kind == refusal.kind, "\(refusal.testDescription): \(error)")
            #expect(error.description.contains(refusal.says), "\(refusal.testDescription): \(error)")
            #expect(error.description.contains("operator Test (node \"it\")"), "\(error)")
        }
    }

    static let x = Given.floats(1, 4, 6, 6)
    static let w = Given.floats(8, 4, 3, 3)

    static let windows: [Refusal] = [
        Refusal(.convolution { _ in }, [x], "needs an input 1, its weights"),
        Refusal(.convolution { _ in }, [nil, w], "needs an input 0, its input"),
        Refusal(.convolution { _ in }, [.whole(1, 4, 6, 6), w], "holds int64, not floats"),
        Refusal(.convolution { _ in }, [.floats(4, 6), w], "[4,6] is neither [N,C,H,W] nor [N,C,W]"),
        Refusal(.convolution { _ in }, [.floats(1, 4, 6), w], "weights [8,4,3,3] do not fit an input [1,4,6]"),
        Refusal(.convolution { _ in }, [.floats(1, 5, 6, 6), w], "weights [8,4,3,3] do not fit an input [1,5,6,6]"),
        Refusal(.convolution { _ in }, [.floats(0, 4, 6, 6), w], "has no elements"),
        Refusal(.convolution { _ in }, [x, .floats(8, 4, 0, 3)], "has no elements"),
        Refusal(.convolution { _ in }, [.floats(1, 4, 2, 6), w], "spans 3x3, more than its input of 2x6"),
        Refusal(.convolution { _ in }, [x, w, .floats(4)], "bias [4] does not fit 8 filters"),
        Refusal(.convolution { _ in }, [x, w, .floats(1, 8)], "bias [1,8] does not fit 8 filters"),
        Refusal(.convolution { $0.group = 0 }, [x, w], "group 0 is not positive"),
        Refusal(.convolution { $0.group = 3 }, [x, w], "group 3 does not divide the 4 channels"),
        Refusal(.convolution { $0.group = 2 }, [x, .floats(7, 2, 3, 3)], "group 2 does not divide its 7 filters"),
        Refusal(.convolution { $0.group = 2 }, [x, w], "do not fit an input [1,4,6,6] in 2 groups"),
        Refusal(.convolution { $0.kernel = [5, 5] }, [x, w], "kernel_shape [5, 5] is not that of its weights"),
        Refusal(.convolution { $0.strides = [0, 1] }, [x, w], "strides [0, 1] is not within 1"),
        Refusal(.convolution { $0.strides = [1, 1 << 60] }, [x, w], "is not within 1"),
        Refusal(.convolution { $0.strides = [1] }, [x, w], "is not a height and a width"),
        Refusal(.convolution { $0.dilations = [1, -1] }, [x, w], "dilations [1, -1] is not within 1"),
        Refusal(.convolution { $0.dilations = [3, 1] }, [x, w], "spans 7x3, more than its input of 6x6"),
        Refusal(.convolution { $0.dilations = [.max, .max] }, [x, w], "is not within 1"),
        Refusal(
            .convolution { $0.padding = .explicit([0, -1, 0, 0]) }, [x, w], "padding [0, -1, 0, 0] is not within 0"),
        Refusal(.convolution { $0.padding = .explicit([0, .max, 0, 0]) }, [x, w], "is not within 0"),
        Refusal(.convolution { $0.padding = .explicit([1, 1]) }, [x, w], "is not top, left, bottom, right"),
        Refusal(
            .convolution { $0.padding = .explicit([1 << 20, 1 << 20, 0, 0]) }, [x, w], .tooLarge,
            "has more than 268435456 elements"),
        Refusal(.pool(.max, [3, 3]), [.floats(4, 6)], "neither [N,C,H,W] nor [N,C,W]"),
        Refusal(.pool(.max, [3, 3]), [.of(.uint8, 1, 4, 6, 6)], "holds uint8, not floats"),
        Refusal(.pool(.max, [7, 3]), [x], "spans 7x3, more than its input of 6x6"),
        Refusal(.pool(.max, [3]), [x], "kernel [3] is not a height and a width"),
        Refusal(.pool(.max, [0, 3]), [x], "kernel [0, 3] is not within 1"),
        Refusal(
            .pool(.average, [3, 3]) { $0.padding = .explicit([0, 0, 3, 0]) }, [x],
            "padding [0, 0, 3, 0] is not smaller than what its window spans"),
        Refusal(
            .pool(.max, [2, 2]) { $0.padding = .explicit([1, 0, 1, 0]) }, [.floats(1, 4, 6)],
            "makes a picture [2, 5] of a line [1,4,6]"),
        Refusal(.pool(.max, [2, 2]), [.floats(1, 0, 6, 6)], "has no elements"),
        Refusal(.globalPool(.average), [.floats(2, 3)], "has no pixels"),
        Refusal(.globalPool(.average), [.floats(2, 3, 0, 4)], "has no elements"),
    ]

    @Test func windowsAreChecked() { for refusal in Self.windows { expect(refusal) } }

    static let elementwise: [Refusal] = [
        Refusal(.unary(.relu), [], "needs an input 0"),
        Refusal(.unary(.sigmoid), [.whole(3)], "holds int64, not floats"),
        Refusal(.clip, [x, .floats(2)], "its minimum [2] is not one number"),
        Refusal(.clip, [x, nil, .whole()], "its maximum is int64, its input float32"),
        Refusal(.parametricRelu, [x, .floats(3, 1, 1)], "slope [3,1,1] does not fit an input [1,4,6,6]"),
        Refusal(.parametricRelu, [.floats(4, 1), .floats(4, 6)], "slope [4,6] does not fit an input [4,1]"),
        Refusal(.binary(.add), [x, .floats(5, 1, 1)], "[1,4,6,6] and [5,1,1] cannot be broadcast to one"),
        Refusal(.binary(.add), [x], "needs an input 1"),
        Refusal(.binary(.add), [x, .whole(1)], "its inputs are float32 and int64"),
        Refusal(
            .binary(.multiply), [.floats(1 << 20, 1), .floats(1, 1 << 20)], .tooLarge,
            "its result [1048576,1048576] has more than"),
        Refusal(.batchNormalization(epsilon: 0), [.floats(4)], "has no channels"),
        Refusal(
            .batchNormalization(epsilon: 0), [x, .floats(4), .floats(4), .floats(3), .floats(4)],
            "mean [3] does not fit an input [1,4,6,6]"),
        Refusal(
            .batchNormalization(epsilon: 0), [x, .floats(4), .floats(4), .floats(4)], "needs an input 4, its variance"),
        Refusal(.quantizeLinear(axis: 1, type: nil), [x, .floats(3)], "scale [3] does not fit axis 1"),
        Refusal(.quantizeLinear(axis: 4, type: nil), [x, .floats(4)], "axis 4 does not exist in 4 dimensions"),
        Refusal(
            .quantizeLinear(axis: 1, type: nil), [x, .floats(4, 2)], .unsupported, "only one for all or one for each"),
        Refusal(
            .quantizeLinear(axis: 1, type: nil), [x, .floats(4), .of(.int8, 3)], "zero point [3] does not fit scale [4]"
        ),
        Refusal(.quantizeLinear(axis: 1, type: nil), [x, .floats(), .of(.int32)], .unsupported, "quantizing to int32"),
        Refusal(
            .quantizeLinear(axis: 1, type: .int8), [x, .floats(), .of(.uint8)], "zero point is uint8, its output int8"),
        Refusal(.dequantizeLinear(axis: 1), [x, .floats()], .unsupported, "dequantizing float32"),
        Refusal(
            .dequantizeLinear(axis: 1), [.of(.int8, 2), .floats(), .of(.uint8)], "zero point is uint8, its input int8"),
        Refusal(.dequantizeLinear(axis: 1), [.of(.int8, 2, 3), .whole()], "its scale holds int64, not floats"),
    ]

    @Test func elementwiseOperatorsAreChecked() { for refusal in Self.elementwise { expect(refusal) } }

    static let matrices: [Refusal] = [
        Refusal(.gemm { _ in }, [.floats(2, 3, 4), .floats(4, 5)], "A [2,3,4] is not a matrix"),
        Refusal(.gemm { _ in }, [.floats(2, 3), .floats(4)], "B [4] is not a matrix"),
        Refusal(.gemm { _ in }, [.floats(2, 3), .floats(4, 5)], "A [2,3] times B [4,5] does not fit"),
        Refusal(
            .gemm {
                $0.transposesA = true
                $0.transposesB = true
            }, [.floats(2, 3), .floats(2, 5)], "A [2,3] transposed times B [2,5] transposed does not fit"),
        Refusal(.gemm { _ in }, [.floats(2, 3), .floats(3, 5), .floats(2)], "C [2] does not fit a result [2,5]"),
        Refusal(.gemm { _ in }, [.floats(1, 3), .floats(3, 5), .floats(2, 5)], "C [2,5] does not fit a result [1,5]"),
        Refusal(.matMul, [.floats(), .floats(2, 3)], "a scalar is no matrix"),
        Refusal(.matMul, [.floats(2, 3), .floats(4, 5)], "A [2,3] times B [4,5] does not fit"),
        Refusal(.matMul, [.floats(2, 4, 3), .floats(3, 3, 5)], "A [2,4,3] times B [3,3,5] does not fit"),
        Refusal(.matMul, [.floats(1 << 20, 1), .floats(1, 1 << 20)], .tooLarge, "has more than"),
        Refusal(.softmax(axis: 2, flattensBelow: false), [.floats(2, 3)], "axis 2 does not exist in 2 dimensions"),
        Refusal(.softmax(axis: -3, flattensBelow: true), [.floats(2, 3)], "axis -3 does not exist in 2 dimensions"),
        Refusal(.layerNormalization(axis: 3, epsilon: 0), [.floats(2, 3), .floats(3)], "axis 3 does not exist"),
        Refusal(.layerNormalization(axis: -1, epsilon: 0), [.floats(2, 3), .floats(2)], "scale [2] does not fit [3]"),
        Refusal(
            .layerNormalization(axis: -1, epsilon: 0), [.floats(2, 3), .floats(3), .floats(2, 3)],
            "bias [2,3] does not fit [3]"),
        Refusal(.layerNormalization(axis: 1, epsilon: 0), [.floats(2, 0), .floats(0)], "has no elements"),
    ]

    @Test func matricesAreChecked() { for refusal in Self.matrices { expect(refusal) } }

    static let mean = Operator.reduce(.mean, keepsDimensions: true, nothingWithoutAxes: false)

    static let moving: [Refusal] = [
        Refusal(mean, [x, .whole(1)], .unsupported, "its axes (input 1) must be a constant"),
        Refusal(mean, [x, .constant(4)], "axis 4 does not exist in 4 dimensions"),
        Refusal(mean, [x, .constant(1, -3)], "axis -3 is named twice"),
        Refusal(mean, [.floats(2, 0), .constant(1)], "has no elements"),
        Refusal(mean, [x, .scales(1)], "its axes holds float32, not whole numbers"),
        Refusal(mean, [x, .tensor(Tensor([Int64(1), 2], [1, 2]))], "its axes has shape [1,2], not a list's"),
        Refusal(.concat(axis: 4), [x, x], "axis 4 does not exist"),
        Refusal(.concat(axis: 0), [], "needs an input 0"),
        Refusal(.concat(axis: 1), [x, .floats(1, 4, 6, 5)], "input 1 [1,4,6,5] does not fit [1,4,6,6] along axis 1"),
        Refusal(.concat(axis: 1), [x, .floats(1, 4, 6)], "input 1 [1,4,6] does not fit"),
        Refusal(.concat(axis: 1), [x, .whole(1, 4, 6, 6)], "it joins float32 and int64"),
        Refusal(
            .concat(axis: 0), [.floats(1 << 27), .floats((1 << 27) + 1)], .tooLarge, "has more than 268435456 elements"),
        Refusal(.concat(axis: 0), [.floats(.max), .floats(.max)], .tooLarge, "its input [9223372036854775807] has"),
        Refusal(.transpose(permutation: nil), [.floats(0, .max, .max)], .tooLarge, "its input [0,"),
        Refusal(.expand, [.floats(1), .constant(0, .max, .max)], .tooLarge, "its result [0,"),
        Refusal(.split(axis: 1, count: 2), [x, .constant(1, 2)], "parts of [1, 2] do not make up 4"),
        Refusal(.split(axis: 1, count: 2), [x, .constant(5, -1)], "parts of [5, -1] do not make up 4"),
        Refusal(.split(axis: 1, count: 2), [x, .constant(4)], "has 2 outputs and sizes for 1"),
        Refusal(.split(axis: 1, count: 5), [x], "4 cannot be split into 5 parts"),
        Refusal(.split(axis: 1, count: 3), [x], "4 cannot be split into 3 parts"),
        Refusal(.split(axis: 1, count: 2), [x, .whole(2)], .unsupported, "its sizes (input 1) must be a constant"),
        Refusal(.slice, [x, .whole(1), .constant(1)], .unsupported, "its starts (input 1) must be a constant"),
        Refusal(.slice, [x, .constant(0)], "needs an input 2, its ends"),
        Refusal(.slice, [x, .constant(0), .constant(1, 2)], "1 starts, 2 ends, 1 axes, 1 steps"),
        Refusal(.slice, [x, .constant(0), .constant(1), .constant(7)], "axis 7 does not exist"),
        Refusal(.slice, [x, .constant(0, 0), .constant(1, 1), .constant(1, 1)], "axis 1 is named twice"),
        Refusal(.slice, [x, .constant(0), .constant(1), .constant(1), .constant(0)], "a step of 0 goes nowhere"),
        Refusal(.reshape(zeroIsZero: false), [x, .whole(2)], .unsupported, "its shape (input 1) must be a constant"),
        Refusal(.reshape(zeroIsZero: false), [x, .constant(12, 13)], "[1,4,6,6] cannot be read as [12, 13]"),
        Refusal(.reshape(zeroIsZero: false), [x, .constant(-1, -1)], "leaves two sizes open"),
        Refusal(.reshape(zeroIsZero: false), [x, .constant(-2, 72)], "has a negative size"),
        Refusal(.reshape(zeroIsZero: false), [x, .constant(-1, 7)], "cannot be read as [-1, 7]"),
        Refusal(.reshape(zeroIsZero: true), [x, .constant(-1, 0)], "cannot be read as [-1, 0]"),
        Refusal(.reshape(zeroIsZero: false), [.floats(4), .constant(4, 0)], "copies size 1, which [4] does not have"),
        Refusal(.reshape(zeroIsZero: false), [x, .constant(.max, .max)], "cannot be read as"),
        Refusal(
            .reshape(zeroIsZero: false), [.floats(1), .constant(1, 1, 1, 1, 1, 1, 1, 1, 1)], .tooLarge,
            "has 9 dimensions, more than 8"),
        Refusal(.flatten(axis: 5), [x], "axis 5 does not exist"),
        Refusal(.transpose(permutation: [0, 1]), [x], "[0, 1] is no order of 4 dimensions"),
        Refusal(.transpose(permutation: [0, 1, 1, 3]), [x], "is no order of 4 dimensions"),
        Refusal(.squeeze, [x, .constant(1)], "axis 1 of [1,4,6,6] is not 1"),
        Refusal(.squeeze, [x, .constant(0, -4)], "axis -4 is named twice"),
        Refusal(.unsqueeze, [x, .constant(6)], "axis 6 does not exist in 5 dimensions"),
        Refusal(.unsqueeze, [x], "needs an input 1, its axes"),
        Refusal(.unsqueeze, [x, .constant(0, 1, 2, 3, 4)], .tooLarge, "has 9 dimensions, more than 8"),
        Refusal(.unsqueeze, [x, .constant(0, 1, 2, 3, 4, 5, 6, 7, 8)], .tooLarge, "adds 9 dimensions"),
        Refusal(.expand, [x, .constant(3, 6)], "[1,4,6,6] cannot be repeated to [3, 6]"),
        Refusal(.expand, [x, .constant(-1)], "has a negative size"),
        Refusal(.expand, [.floats(1), .constant(1 << 40, 1 << 40)], .tooLarge, "has more than"),
        Refusal(.constantOfShape(.number(0)), [.constant(1 << 29)], .tooLarge, "has more than 268435456 elements"),
        Refusal(.constantOfShape(.number(0)), [.constant(-1)], "has a negative size"),
        Refusal(.constantOfShape(.number(0)), [.whole(1)], .unsupported, "its shape (input 0) must be a constant"),
        Refusal(.gather(axis: 0), [x, .floats(2)], "its indices are float32"),
        Refusal(.gather(axis: 1), [x, .constant(4)], "index 4 is not within a dimension of 4"),
        Refusal(.gather(axis: 1), [x, .constant(-5)], "index -5 is not within a dimension of 4"),
        Refusal(.gather(axis: -5), [x, .constant(0)], "axis -5 does not exist"),
    ]

    @Test func movingOperatorsAreChecked() { for refusal in Self.moving { expect(refusal) } }

    static let padding: [Refusal] = [
        Refusal(.pad(.constant), [x, .whole(8)], .unsupported, "its pads (input 1) must be a constant"),
        Refusal(.pad(.constant), [x, .constant(1, 1)], "has 2 pads for 4 dimensions"),
        Refusal(.pad(.constant), [x, .constant(0, 0, 0, -4, 0, 0, 0, -3)], "cut off more than [1,4,6,6] has"),
        Refusal(.pad(.constant), [x, .constant(0, 0, 0, .max, 0, 0, 0, 0)], "are too large"),
        Refusal(.pad(.constant), [x, .constant(1, 1), .floats(2), .constant(3)], "its value [2] is not one number"),
        Refusal(
            .pad(.constant), [x, .constant(1, 1), .whole(), .constant(3)], "its value is int64, its input float32"),
        Refusal(.pad(.reflect), [x, .constant(6, 0), nil, .constant(3)], "reflect more than [1,4,6,6] has"),
        Refusal(.pad(.reflect), [x, .constant(-1, 0), nil, .constant(3)], "which reflecting does not"),
        Refusal(.pad(.edge), [x, .constant(-1, 0), nil, .constant(3)], "which repeating the edge does not"),
        Refusal(.pad(.edge), [.floats(0), .constant(1, 0)], "[0] has no edge to repeat"),
        Refusal(
            .pad(.constant), [x, .constant(1 << 24, 1 << 24), nil, .constant(3)], .tooLarge, "has more than 268435456"),
        Refusal(.resize { _ in }, [x, nil, nil, .whole(4)], .unsupported, "its sizes (input 3) must be a constant"),
        Refusal(.resize { _ in }, [x, nil, .floats(4)], .unsupported, "its scales (input 2) must be a constant"),
        Refusal(.resize { _ in }, [x], "has neither scales nor sizes"),
        Refusal(.resize { _ in }, [x, nil, nil, .constant(1, 4, 0, 6)], "are not positive"),
        Refusal(.resize { _ in }, [x, nil, nil, .constant(6, 6)], "sizes [6, 6] do not fit [1,4,6,6]"),
        Refusal(.resize { _ in }, [x, nil, .scales(2, 2)], "2 scales do not fit"),
        Refusal(.resize { _ in }, [x, nil, .scales(1, 1, -1, 1)], "are not positive"),
        Refusal(.resize { _ in }, [x, nil, .scales(1, 1, .nan, 1)], "are not positive"),
        Refusal(.resize { _ in }, [x, nil, .scales(1, 1, 0.1, 1)], "leave nothing of [1,4,6,6]"),
        Refusal(.resize { _ in }, [x, nil, .scales(1, 1, 1e30, 1)], .tooLarge, "of [1,4,6,6]"),
        Refusal(.resize { _ in }, [x, nil, .scales(1, 1, 1e4, 1e4)], .tooLarge, "has more than"),
    ]

    @Test func paddingAndResizingAreChecked() { for refusal in Self.padding { expect(refusal) } }

    @Test func anOutputThatIsNotMadeIsRefused() throws {
        let node = Graph.Node(name: "d", type: "Dropout", operation: .identity, inputs: [0], outputs: [1, 2])
        #expect(
            throws: NetworkError.unsupported(
                "operator Dropout (node \"d\"): output 1 is asked for, only the first 1 can be had")
        ) {
            try Operator.identity.outputShapes(
                of: [TensorType(.float32, [1])], constants: [], node: node, limits: NetworkLimits())
        }
    }

    @Test func limitsHoldAtTheLimitAndNotPastIt() throws {
        var limits = NetworkLimits()
        limits.tensorElements = 24
        limits.rank = 3
        let node = NodeUnderTest(.expand, limits: limits)
        #expect(try node.shapes([.floats(1), .constant(2, 3, 4)]) == [[2, 3, 4]])
        #expect(throws: NetworkError.self) { try node.shapes([.floats(1), .constant(25)]) }
        #expect(throws: NetworkError.self) { try node.shapes([.floats(1), .constant(1, 1, 1, 1)]) }
    }

    // MARK: Geometry that the planner uses

    private func geometry(_ size: Int, _ kernel: Int, change: (inout Operator.Pooling) -> Void) throws -> WindowGeometry
    {
        var pooling = Operator.Pooling(.max, kernel: [kernel, kernel])
        change(&pooling)
        let node = Graph.Node(name: "p", type: "MaxPool", operation: .pool(pooling), inputs: [], outputs: [])
        return try pooling.geometry(input: [1, 1, size, size], node: node)
    }

    @Test func paddingIsWorkedOut() throws {
        let upper = try geometry(8, 3) {
            $0.strides = [2, 2]
            $0.padding = .sameUpper
        }
        #expect(upper.padding == [0, 0, 1, 1] && upper.output == [4, 4])
        let lower = try geometry(8, 3) {
            $0.strides = [2, 2]
            $0.padding = .sameLower
        }
        #expect(lower.padding == [1, 1, 0, 0] && lower.output == [4, 4])
        let valid = try geometry(8, 3) {
            $0.strides = [2, 2]
            $0.padding = .valid
        }
        #expect(valid.padding == [0, 0, 0, 0] && valid.output == [3, 3])
    }

    @Test func aLastWindowInThePaddingIsDropped() throws {
        // 5 rows, windows of 2 that start at 0, 3 and 6: the last lies behind row 5.
        let dropped = try geometry(5, 2) {
            $0.strides = [3, 3]
            $0.padding = .explicit([0, 0, 1, 1])
            $0.roundsUp = true
        }
        #expect(dropped.output == [2, 2])
        // 7 rows: the last window has row 6.
        let kept = try geometry(7, 2) {
            $0.strides = [3, 3]
            $0.roundsUp = true
        }
        #expect(kept.output == [3, 3])
        #expect(try geometry(7, 2) { $0.strides = [3, 3] }.output == [2, 2])
    }
}
