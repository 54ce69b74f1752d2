import CVectorKernels

/// What a block of records from a file must be before anything follows its numbers: none of them leads out of the
/// arrays, no list is longer than its place. The bytes are those that were written, by whoever; a checksum does not say
/// that it was us.
struct RecordAdmission: Sendable {
    let array: HNSWArray
    let stride: Int
    let image: HNSWImage
    let parameters: HNSWParameters
    let quantization: Quantization

    /// What is wrong with a block, or nil.
    func fault(_ number: Int, _ block: UnsafeRawBufferPointer) -> String? {
        let firstRecord = number * (HNSWIndex.blockBytes(stride: stride) / stride)
        switch array {
        case .codes, .terms, .vectors: return nil
        case .links:
            return lk_all_below(
                block.baseAddress!.assumingMemoryBound(to: UInt32.self), block.count / 4, UInt32(image.nodeCount)) != 0
                ? nil : "a link leads to no node"
        case .heads: return firstFault(block, headFault).map { "node \(firstRecord + $0.index) \($0.what)" }
        case .uppers: return firstFault(block, upperFault).map { "upper record \(firstRecord + $0.index) \($0.what)" }
        }
    }

    private func firstFault(
        _ block: UnsafeRawBufferPointer, _ fault: (UnsafePointer<UInt32>) -> String?
    ) -> (index: Int, what: String)? {
        for index in 0..<block.count / stride {
            let words = (block.baseAddress! + index * stride).assumingMemoryBound(to: UInt32.self)
            if let what = fault(words) { return (index, what) }
        }
        return nil
    }

    private func isNone(_ number: UInt32, orBelow count: UInt64) -> Bool {
        number == noRecord || UInt64(number) < count
    }

    private func headFault(_ words: UnsafePointer<UInt32>) -> String? {
        let (parent, count, state, upper, vector) = (words[0], words[1], words[2], words[3], words[5])
        if !isNone(parent, orBelow: image.nodeCount) { return "hangs on no node" }
        // Of a record that was never in use the rest is zeros or what was there before: in range all the same.
        if count > UInt32(parameters.linkCapacity(layer: 0)) { return "has \(count) links" }
        if state > UInt32(HNSWParameters.levelLimit + 1) { return "is on layer \(state - 1)" }
        if !isNone(upper, orBelow: image.upperCount) { return "has no record of its upper layers" }
        if (state > 1) != (upper != noRecord), state != 0 { return "lacks a record of its upper layers" }
        if !isNone(vector, orBelow: image.vectorCount) { return "has no vector" }
        if state != 0, quantization == .bin, vector == noRecord { return "has no vector" }
        if state != 0, quantization == .f32, vector != noRecord { return "has a vector too many" }
        return nil
    }

    private func upperFault(_ words: UnsafePointer<UInt32>) -> String? {
        if !isNone(words[0], orBelow: image.upperCount) { return "leads to no record" }
        if !isNone(words[1], orBelow: image.nodeCount) { return "hangs on no node" }
        if words[2] > UInt32(parameters.m) { return "has \(words[2]) links" }
        if lk_all_below(words + 4, parameters.m, UInt32(image.nodeCount)) == 0 { return "links to no node" }
        return nil
    }
}
