/// A network ready to run: steps in order, and one arena for all activations.
///
/// Thread-safety: never changes after it is made; every session runs it in an arena of its own.
package final class Plan: Sendable {
    /// How the picture is handed over: pixels with interleaved channels, row by row, whatever the network calls the
    /// dimensions.
    package struct InputForm: Sendable {
        let height, width, channels: Int
        /// Order of the dimensions in memory.
        package let order: [Int]

        /// Of a network that is fed with `shape`: [1,C,H,W], or [1,H,W,C] as TensorFlow's exports have it.
        package init(_ shape: [Int]) throws(NetworkError) {
            guard shape.count == 4, shape[0] == 1 else {
                throw .unsupported("its input \(TensorShape(shape)) is not one picture [1,C,H,W]")
            }
            if shape[1] > 4, shape[3] <= 4 {
                (height, width, channels) = (shape[1], shape[2], shape[3])
                order = [0, 1, 2, 3]
            } else {
                (height, width, channels) = (shape[2], shape[3], shape[1])
                order = View.channelsLast
            }
        }
    }

    /// Bytes behind each activation that kernels may read.
    static let spareBytes = 64

    /// A value that a calibrating plan keeps.
    struct Kept: Sendable {
        let name: String
        let address: Address
        let view: View
    }

    let kernels: KernelSet
    let steps: [any PlanStep]
    let arenaBytes: Int
    let input: Address
    let inputForm: InputForm
    let output: Address
    let outputView: View
    let kept: [Kept]
    let summary: PlanSummary

    init(
        kernels: KernelSet, steps: [any PlanStep], arenaBytes: Int, input: Address, inputForm: InputForm,
        output: Address, outputView: View, kept: [Kept] = [], summary: PlanSummary
    ) {
        self.kernels = kernels
        self.steps = steps
        self.arenaBytes = arenaBytes
        self.input = input
        self.inputForm = inputForm
        self.output = output
        self.outputView = outputView
        self.kept = kept
        self.summary = summary
    }
}
