import CTensorKernels

/// The kernels of one instruction set. The tables are static and never change.
package struct KernelSet: @unchecked Sendable {
    let convolution: UnsafePointer<lk_convolution_kernels>
    let tensor: UnsafePointer<lk_tensor_kernels>

    /// Its name: that of the convolutions' instruction set.
    package var name: String { String(cString: convolution.pointee.name) }
    /// Float channels of a vector.
    var lanes: Int { convolution.pointee.lanes }

    /// The fastest that this processor runs.
    package static var best: KernelSet {
        KernelSet(convolution: lk_convolution_kernels_best(), tensor: lk_tensor_kernels_best())
    }

    /// All that this processor runs, the scalar reference first.
    package static var all: [KernelSet] {
        (0..<lk_convolution_kernels_count()).compactMap { index in
            guard let convolution = lk_convolution_kernels_at(index) else { return nil }
            // Bytes have one set more than floats.
            let name = String(cString: convolution.pointee.name) == "avx512vnni" ? "avx512" : nil
            let tensor = lk_tensor_kernels_named(name ?? String(cString: convolution.pointee.name))
            return tensor.map { KernelSet(convolution: convolution, tensor: $0) }
        }
    }
}
