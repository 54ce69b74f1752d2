import Foundation
import NeuralNetwork
import Testing

/// The JSON beside a model.
@Suite struct ModelDescriptionTests {
    private func read(_ text: String) throws -> ModelDescription { try ModelDescription(json: Data(text.utf8)) }

    @Test func everyKey() throws {
        let all = try read(
            """
            {"input_size": 96, "mean": [1, 2.5, 3], "scale": 127.5, "colour_order": "BGR", "resize": "crop",
             "output": "features", "licence": "MIT", "mean_order": "unknown keys are no matter"}
            """)
        #expect(
            all
                == ModelDescription(
                    inputSize: 96, mean: [1, 2.5, 3], scale: [127.5, 127.5, 127.5], colourOrder: .bgr, resize: .crop,
                    output: "features", licence: "MIT"))
        #expect(try ModelDescription(json: try all.json) == all)
        #expect(String(decoding: try all.json, as: UTF8.self).contains("\"colour_order\" : \"BGR\""))
    }

    @Test func whatIsLeftOut() throws {
        let none = try read("{}")
        #expect(none == ModelDescription())
        #expect(none.inputSize == nil && none.output == nil && none.resize == .stretch && none.colourOrder == .rgb)
        #expect(none.mean == [123.675, 116.28, 103.53] && none.scale == [58.395, 57.12, 57.375])
        // ImageNet's numbers go with the colours.
        #expect(try read("{\"colour_order\": \"BGR\"}").mean == [103.53, 116.28, 123.675])
        #expect(try read("{\"input_size\": null, \"mean\": null}") == none)
    }

    @Test func wrongValues() {
        let wrong = [
            ("input_size", ["0", "-1", "4097", "224.5", "\"224\"", "[224]", "1e30"]),
            ("mean", ["[1, 2]", "[1, 2, 3, 4]", "[]", "\"1\"", "[1, 2, \"3\"]", "1e39", "{}"]),
            ("scale", ["0", "[1, 2, 0]", "[1, 2]", "true", "1e-40", "1e39"]),
            ("colour_order", ["\"rgb\"", "\"RGBA\"", "1"]), ("resize", ["\"Stretch\"", "\"fit\"", "1"]),
            ("output", ["\"\"", "1", "[\"a\"]"]), ("licence", ["1"]),
        ]
        for (key, values) in wrong {
            for value in values {
                let error = #expect(throws: NetworkError.self, "\(key) \(value)") { try read("{\"\(key)\": \(value)}") }
                let start = "\(key) of the model's description has to be"
                #expect(error?.description.hasPrefix(start) == true, "\(value): \(error?.description ?? "")")
            }
        }
        for text in ["", "[]", "1", "{", "{\"mean\": }"] {
            let error = #expect(throws: NetworkError.self) { try read(text) }
            #expect(error?.description == "the model's description is no JSON object")
        }
        #expect(throws: Never.self) { try read("{\"input_size\": 4096}") }
        #expect(throws: Never.self) { try read("{\"input_size\": 1, \"scale\": -1}") }
    }

    @Test func whatIsPutInByHandIsChecked() throws {
        var description = ModelDescription()
        try description.validate()
        description.scale = [1, .nan, 1]
        #expect(throws: NetworkError.self) { try description.validate() }
        description.scale = [1, 1, 1]
        description.mean = [1]
        #expect(throws: NetworkError.self) { try description.validate() }
    }
}
