import CTensorKernels
import Testing

/// An instruction set's kernels, by name, as an argument of tests.
struct KernelSet: CustomTestStringConvertible, Sendable {
    let name: String

    var kernels: lk_tensor_kernels { lk_tensor_kernels_named(name).pointee }
    var testDescription: String { name }

    /// Those that this processor runs; `InstructionSetTests` reports the others as skipped.
    static let present = (0..<lk_tensor_kernels_count()).map {
        KernelSet(name: String(cString: lk_tensor_kernels_at($0).pointee.name))
    }
    static let reference = KernelSet(name: "scalar")

    static func isAvailable(_ name: String) -> Bool { lk_tensor_kernels_named(name) != nil }
}

@Suite struct InstructionSetTests {
    @Test func theReferenceComesFirstAndTheBestLast() throws {
        #expect(String(cString: lk_tensor_kernels_at(0).pointee.name) == "scalar")
        #expect(lk_tensor_kernels_at(lk_tensor_kernels_count()) == nil)
        #expect(lk_tensor_kernels_best() == lk_tensor_kernels_at(lk_tensor_kernels_count() - 1))
        #expect(lk_tensor_kernels_named("none such") == nil)
        for i in 0..<lk_tensor_kernels_count() {
            let kernels = try #require(lk_tensor_kernels_at(i))
            #expect(lk_tensor_kernels_named(kernels.pointee.name) == kernels)
        }
    }

    // The other suites run every set that is here; these say which are not.
    @Test(.enabled(if: KernelSet.isAvailable("avx2"), "this processor or build has no AVX2 with FMA"))
    func avx2IsTested() { #expect(KernelSet.present.contains { $0.name == "avx2" }) }

    @Test(.enabled(if: KernelSet.isAvailable("avx512"), "this processor or build has no AVX-512 (F, BW, DQ, VL)"))
    func avx512IsTested() { #expect(KernelSet.present.contains { $0.name == "avx512" }) }

    @Test(.enabled(if: KernelSet.isAvailable("neon"), "this processor or build has no NEON"))
    func neonIsTested() { #expect(KernelSet.present.contains { $0.name == "neon" }) }
}
