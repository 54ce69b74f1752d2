import Embedding
import Testing

@Suite("A box lies inside its picture")
struct BoxTests {
    @Test(arguments: [
        (0.0, 0.0, 1.0, 1.0), (0.5, 0.5, 0.5, 0.5), (0.999, 0, 0.001, 1), (0.1, 0.2, 0.9000001, 0.1),
    ])
    func accepted(_ x: Double, _ y: Double, _ width: Double, _ height: Double) throws {
        let box = try #require(Box(x: x, y: y, width: width, height: height))
        #expect(box.x + box.width <= 1)
        #expect(box.y + box.height <= 1)
    }

    @Test(arguments: [
        (-0.1, 0.0, 0.5, 0.5), (0, 0, 0, 1), (0, 0, 1, 0), (0.6, 0, 0.5, 1), (0, 0.6, 1, 0.5), (1, 0, 0.1, 0.1),
        (.nan, 0, 1, 1), (0, 0, .nan, 1), (0, 0, .infinity, 1), (0, 0, 1.001, 1),
    ])
    func refused(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
        #expect(Box(x: x, y: y, width: width, height: height) == nil)
    }
}
