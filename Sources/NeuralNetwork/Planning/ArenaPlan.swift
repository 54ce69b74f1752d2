/// Where each activation lies in one stretch of memory, so that those never alive together share bytes.
package struct ArenaPlan {
    /// What is to be placed: bytes, and the first and last step that uses them.
    package struct Request {
        package var bytes: Int
        package var steps: ClosedRange<Int>

        package init(bytes: Int, steps: ClosedRange<Int>) {
            self.bytes = bytes
            self.steps = steps
        }
    }

    /// Where each request starts.
    package private(set) var offsets: [Int]
    /// Bytes in all.
    package private(set) var bytes = 0

    /// Starts lie at multiples of this: a cache line, and the widest vector.
    package static let alignment = 64

    /// Places the largest first, each at the lowest offset that is free during its steps. (Pisarchyk and Lee, "Efficient
    /// memory management for deep neural net inference", 2020, greedy by size.)
    package init(_ requests: [Request]) {
        offsets = [Int](repeating: 0, count: requests.count)
        var placed: [Int] = []
        for request in requests.indices.sorted(by: { requests[$0].bytes > requests[$1].bytes }) {
            let size = Self.aligned(requests[request].bytes)
            var at = 0
            // `placed` is in the order of offsets: the first gap that is wide enough is the lowest.
            for other in placed where requests[other].steps.overlaps(requests[request].steps) {
                if offsets[other] - at >= size { break }
                at = max(at, offsets[other] + Self.aligned(requests[other].bytes))
            }
            offsets[request] = at
            bytes = max(bytes, at + size)
            let place = placed.firstIndex { offsets[$0] > at } ?? placed.count
            placed.insert(request, at: place)
        }
    }

    private static func aligned(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }
}
