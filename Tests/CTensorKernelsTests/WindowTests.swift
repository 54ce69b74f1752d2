import CTensorKernels
import Foundation
import TestSupport
import Testing

/// A window over a picture, with views that have gaps after channels and rows.
struct WindowCase {
    var window = lk_window()
    var picture: [Int] { [Int(window.in_height), Int(window.in_width), Int(window.channels)] }
    var result: [Int] { [Int(window.out_height), Int(window.out_width), Int(window.channels)] }
    var pictureStrides: [Int] { [Int(window.in_row), Int(window.in_pixel), 1] }
    var resultStrides: [Int] { [Int(window.out_row), Int(window.out_pixel), 1] }

    /// Sizes, strides, dilations and paddings that ONNX allows; some windows reach over the end, as when rounding up.
    init(channels: Int, kernel: (Int, Int)?, using random: inout SeededRandom) {
        func draw(_ range: ClosedRange<Int32>) -> Int32 { Int32.random(in: range, using: &random) }
        window.channels = Int32(channels)
        window.kernel_height = kernel.map { Int32($0.0) } ?? draw(1...5)
        window.kernel_width = kernel.map { Int32($0.1) } ?? draw(1...5)
        window.stride_down = draw(1...3)
        window.stride_across = draw(1...3)
        window.dilation_down = draw(0...3) == 0 ? 2 : 1
        window.dilation_across = draw(0...3) == 0 ? 2 : 1
        window.pad_top = draw(0...window.kernel_height - 1)
        window.pad_left = draw(0...window.kernel_width - 1)
        window.pad_bottom = draw(0...window.kernel_height - 1)
        window.pad_right = draw(0...window.kernel_width - 1)
        window.counts_padding = draw(0...1)
        window.in_height = draw(1...9)
        window.in_width = draw(1...9)
        let roundsUp = Bool.random(using: &random)
        func out(
            _ size: Int32, _ before: Int32, _ after: Int32, _ kernel: Int32, _ dilation: Int32, _ stride: Int32
        ) -> Int32 {
            let room = size + before + after - (kernel - 1) * dilation - 1
            return max(1, (room + (roundsUp ? stride - 1 : 0)) / stride + 1)
        }
        window.out_height = out(
            window.in_height, window.pad_top, window.pad_bottom, window.kernel_height, window.dilation_down,
            window.stride_down)
        window.out_width = out(
            window.in_width, window.pad_left, window.pad_right, window.kernel_width, window.dilation_across,
            window.stride_across)
        window.in_pixel = Int64(channels) + Int64(draw(0...2))
        window.in_row = window.in_pixel * Int64(window.in_width) + Int64(draw(0...2))
        window.out_pixel = Int64(channels) + Int64(draw(0...2))
        window.out_row = window.out_pixel * Int64(window.out_width) + Int64(draw(0...2))
    }

    /// For each result, in order: what its window covers of `elements`, and how many places count.
    func windows<Element>(_ elements: [Element]) -> [(elements: [Element], places: Int)] {
        let w = window
        var windows: [(elements: [Element], places: Int)] = []
        for row in 0..<w.out_height {
            for column in 0..<w.out_width {
                for channel in 0..<w.channels {
                    var inside: [Element] = []
                    var padded = 0
                    for r in 0..<w.kernel_height {
                        for c in 0..<w.kernel_width {
                            let y = row * w.stride_down - w.pad_top + r * w.dilation_down
                            let x = column * w.stride_across - w.pad_left + c * w.dilation_across
                            if y < w.in_height + w.pad_bottom && x < w.in_width + w.pad_right { padded += 1 }
                            if y >= 0 && y < w.in_height && x >= 0 && x < w.in_width {
                                inside.append(elements[Int((y * w.in_width + x) * w.channels + channel)])
                            }
                        }
                    }
                    windows.append((inside, max(1, w.counts_padding != 0 ? padded : inside.count)))
                }
            }
        }
        return windows
    }

    /// Every number of channels to 130 with 2 by 2, 3 by 3 and other windows.
    static func forEach(seed: UInt64, _ body: (WindowCase, inout SeededRandom) -> Void) {
        var random = SeededRandom(seed: seed)
        for channels in 1...130 {
            for kernel: (Int, Int)? in [(2, 2), (3, 3), nil] {
                body(WindowCase(channels: channels, kernel: kernel, using: &random), &random)
            }
        }
    }
}

@Suite struct WindowTests {
    @Test(arguments: KernelSet.present)
    func poolingFloats(set: KernelSet) {
        let seed = SeededRandom.seed(of: 47)
        WindowCase.forEach(seed: seed) { test, random in
            let x = View(sizes: test.picture, strides: test.pictureStrides, start: 3, around: .nan) {
                Float.random(in: -9...9, using: &random)
            }
            for kind in [LK_POOL_MAX, LK_POOL_AVERAGE] {
                var y = View(sizes: test.result, strides: test.resultStrides, start: 1, around: .nan) { Float(0) }
                x.read { x in y.write { set.kernels.pool([test.window], kind, x, $0) } }
                let expected = test.windows(x.elements).map { window in
                    kind == LK_POOL_MAX
                        ? window.elements.map(Double.init).max() ?? -.infinity
                        : window.elements.reduce(0) { $0 + Double($1) } / Double(window.places)
                }
                #expect(
                    y.elements.largestError(expected) < (kind == LK_POOL_MAX ? 1e-12 : 2e-6), "\(test), seed \(seed)")
                #expect(y.surroundingsAreUntouched, "\(test), seed \(seed)")
            }
        }
    }

    @Test(arguments: KernelSet.present)
    func poolingBytes(set: KernelSet) {
        let seed = SeededRandom.seed(of: 48)
        WindowCase.forEach(seed: seed) { test, random in
            let x = View(sizes: test.picture, strides: test.pictureStrides, start: 3, around: 255) {
                UInt8.random(in: 0...255, using: &random)
            }
            var y = View(sizes: test.result, strides: test.resultStrides, start: 1, around: 77) { UInt8(0) }
            x.read { x in y.write { set.kernels.pool_bytes_max([test.window], x, $0) } }
            let windows = test.windows(x.elements)
            #expect(y.elements == windows.map { $0.elements.max() ?? 0 }, "\(test), seed \(seed)")
            #expect(y.surroundingsAre(77))

            let from = lk_quantization(scale: 0.037, zero_point: Int32.random(in: 0...255, using: &random))
            var mean = View(sizes: test.result, strides: test.resultStrides, start: 1, around: .nan) { Float(0) }
            x.read { x in mean.write { set.kernels.pool_bytes_average([test.window], from, x, $0) } }
            let expected = windows.map { window in
                let sum = window.elements.reduce(0) { $0 + Int($1) - Int(from.zero_point) }
                return Float(sum) * (from.scale / Float(window.places))
            }
            #expect(mean.elements == expected, "\(test), seed \(seed)")
            #expect(mean.surroundingsAreUntouched)
        }
    }

    @Test(arguments: KernelSet.present, [false, true])
    func resampling(set: KernelSet, isLinear: Bool) {
        let seed = SeededRandom.seed(of: 49)
        var random = SeededRandom(seed: seed)
        for channels in 1...130 {
            func draw(_ range: ClosedRange<Int32>) -> Int32 { Int32.random(in: range, using: &random) }
            let (height, width, outHeight, outWidth) = (draw(1...6), draw(1...6), draw(1...9), draw(1...9))
            let top = (0..<outHeight).map { _ in draw(0...height - 1) }
            let bottom = (0..<outHeight).map { _ in draw(0...height - 1) }
            let left = (0..<outWidth).map { _ in draw(0...width - 1) }
            let right = (0..<outWidth).map { _ in draw(0...width - 1) }
            let down = (0..<outHeight).map { _ in Float.random(in: 0...1, using: &random) }
            let across = (0..<outWidth).map { _ in Float.random(in: 0...1, using: &random) }
            let gap = Int(draw(0...2))
            let pixel = channels + gap
            let (row, outRow) = (pixel * Int(width) + gap, pixel * Int(outWidth))
            let x = View(sizes: [Int(height), Int(width), channels], strides: [row, pixel, 1], start: 3, around: .nan) {
                Float.random(in: -9...9, using: &random)
            }
            var y = View(
                sizes: [Int(outHeight), Int(outWidth), channels], strides: [outRow, pixel, 1], start: 1, around: .nan
            ) { Float(0) }
            func at(_ y: Int32, _ x0: Int32, _ channel: Int) -> Double {
                Double(x.storage[3 + Int(y) * row + Int(x0) * pixel + channel])
            }
            let expected = (0..<Int(outHeight)).flatMap { r in
                (0..<Int(outWidth)).flatMap { c in
                    (0..<channels).map { k in
                        if !isLinear { return at(top[r], left[c], k) }
                        let (d, a) = (Double(down[r]), Double(across[c]))
                        return (1 - d) * ((1 - a) * at(top[r], left[c], k) + a * at(top[r], right[c], k))
                            + d * ((1 - a) * at(bottom[r], left[c], k) + a * at(bottom[r], right[c], k))
                    }
                }
            }
            withTables(top, bottom, left, right) { top, bottom, left, right in
                withTables(down, down, across, across) { down, _, across, _ in
                    let resampling = lk_resampling(
                        channels: Int32(channels), out_height: outHeight, out_width: outWidth,
                        is_linear: isLinear ? 1 : 0, top: top, bottom: isLinear ? bottom : nil,
                        down: isLinear ? down : nil, left: left, right: isLinear ? right : nil,
                        across: isLinear ? across : nil, in_row: Int64(row), in_pixel: Int64(pixel),
                        out_row: Int64(outRow), out_pixel: Int64(pixel))
                    x.read { x in y.write { set.kernels.resample([resampling], x, $0) } }
                }
            }
            #expect(y.elements.largestError(expected) < 3e-6, "\(channels) channels, seed \(seed)")
            #expect(y.surroundingsAreUntouched)
        }
    }

    private func withTables<Element>(
        _ a: [Element], _ b: [Element], _ c: [Element], _ d: [Element],
        _ body: (UnsafePointer<Element>, UnsafePointer<Element>, UnsafePointer<Element>, UnsafePointer<Element>) -> Void
    ) {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                c.withUnsafeBufferPointer { c in
                    d.withUnsafeBufferPointer { d in
                        body(a.baseAddress!, b.baseAddress!, c.baseAddress!, d.baseAddress!)
                    }
                }
            }
        }
    }
}
