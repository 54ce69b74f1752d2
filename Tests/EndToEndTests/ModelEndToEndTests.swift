import Foundation
import TestSupport
import Testing

/// `lookalike model` and what is done with an imported one, as users type it.
@Suite struct ModelEndToEndTests {
    private let folder = TemporaryFolder()
    private var store: String { folder("store") }

    /// A network beside its description.
    @discardableResult
    private func writeNetwork(_ network: TinyNetwork = TinyNetwork()) throws -> String {
        try folder.write("in/tiny.json", [UInt8](#"{"mean":127.5,"scale":127.5,"licence":"CC0-1.0"}"#.utf8))
        return try folder.write("in/tiny.onnx", network.bytes)
    }

    @discardableResult
    private func run(_ arguments: String...) throws -> Program.Result {
        let run = try Program.run(arguments)
        #expect(run.status == 0, "\(arguments): \(run.error)")
        return run
    }

    /// Runs and expects exit 1 with one line on standard error that holds every word.
    private func fails(_ arguments: [String], _ words: String..., sourceLocation: SourceLocation = #_sourceLocation)
        throws
    {
        let run = try Program.run(arguments)
        #expect(run.status == 1, "\(run.output)", sourceLocation: sourceLocation)
        #expect(run.error.split(separator: "\n").count == 1, "\(run.error)", sourceLocation: sourceLocation)
        for word in words {
            #expect(run.error.contains(word), "\(word) in: \(run.error)", sourceLocation: sourceLocation)
        }
    }

    /// Names and scores of a query's hits.
    private func hits(_ image: String, _ more: String...) throws -> [String] {
        let run = try Program.run(["query", folder("pictures/" + image), "--json", "--count", "5"] + more)
        #expect(run.status == 0, "\(run.error)")
        return try run.objects().map { "\($0["element"] ?? "") \($0["score"] ?? "")" }
    }

    private func vector(_ arguments: String...) throws -> [Double] {
        let run = try Program.run(["embed"] + arguments)
        #expect(run.status == 0, "\(run.error)")
        return try #require(try run.objects().first?["vector"] as? [Double])
    }

    @Test func fromImportToRemoval() throws {
        let file = try writeNetwork()
        let names = try SmallGallery.write(into: folder, families: 4)
        let picture = folder("pictures/" + names[2])
        let imported = try run("model", "import", file, "--name", "tiny", "--store", store)
        #expect(imported.output == "imported tiny: 24 values from 32x32 pixels, in f32 and int8\n")
        let listed = try run("model", "list", "--store", store, "--json").objects()
        #expect(listed.map { $0["name"] as? String } == ["default", "baseline-v1", "tiny"])
        let tiny = try #require(listed.last)
        #expect(tiny["dimension"] as? Int == 24 && tiny["input_size"] as? Int == 32)
        #expect(tiny["where"] as? String == "store" && tiny["licence"] as? String == "CC0-1.0")
        #expect(tiny["precision"] as? [String] == ["f32", "int8"])
        #expect(try run("model", "list", "--store", store).output.contains("tiny"))
        let shown = try #require(
            try run("model", "show", "tiny", "--store", store, "--json").objects().first)
        #expect((shown["hash"] as? String)?.count == 64 && shown["plan"] is [String: Any])
        #expect(try run("model", "show", "baseline-v1").output.contains("240"))

        // One collection of each precision; queries need no flags, now and later.
        for precision in ["f32", "int8"] {
            try run(
                "index", folder("pictures"), "--store", store, "--collection", precision, "--model", "tiny",
                "--precision", precision)
            let found = try hits(names[2], "--store", store, "--collection", precision)
            #expect(found.first?.hasPrefix(names[2]) == true, "\(found)")
            #expect(try hits(names[2], "--store", store, "--collection", precision, "--precision", precision) == found)
        }
        try fails(
            ["query", picture, "--store", store, "--collection", "int8", "--precision", "f32"], "tiny in int8",
            "not in f32")
        try fails(
            ["index", folder("pictures"), "--store", store, "--collection", "f32", "--precision", "int8"],
            "tiny in f32")
        try fails(
            ["index", folder("pictures"), "--store", store, "--collection", "f32", "--model", "default"],
            "was made with model tiny, not default")

        // Vectors: the collection's model where none is named.
        let plain = try vector(picture, "--model", "tiny", "--store", store)
        #expect(plain.count == 24)
        #expect(try vector(picture, "--store", store, "--collection", "f32") == plain)
        #expect(try vector(picture, "--store", store, "--collection", "other").count == 240)
        #expect(try vector(picture, "--model", "default", "--store", store, "--collection", "f32").count == 240)

        // It goes with the store, and stays while it is used.
        try fails(["model", "remove", "tiny", "--store", store], "used by collections f32, int8", "drop them first")
        #expect(try run("inspect", "--store", store).output.contains("model tiny: "))
        #expect(try run("verify", "--store", store).output.contains("model tiny: sound"))
        try run("backup", "--store", store, "--to", folder("b"))
        try run("restore", "--from", folder("b"), "--store", folder("copy"))
        let before = try hits(names[5], "--store", store, "--collection", "int8")
        #expect(try hits(names[5], "--store", folder("copy"), "--collection", "int8") == before)

        // Damage is named, by whoever needs the file.
        let network = store + "/models/tiny/model.onnx"
        var bytes = try contents(network)
        bytes[bytes.count / 2] ^= 1
        try write(bytes, to: network)
        try fails(
            ["query", picture, "--store", store, "--collection", "f32"], "models/tiny/model.onnx",
            "is not what was imported", "restore it, or remove the model and import it again")
        let verified = try Program.run(["verify", "--store", store, "--json"])
        #expect(verified.status == 1)
        #expect(try verified.objects().last?["faults"] as? Int == 1)
        try FileManager.default.removeItem(atPath: network)
        try fails(["query", picture, "--store", store, "--collection", "f32"], "model.onnx", "is missing")
    }

    @Test func aServerUsesItsStoresModels() throws {
        let file = try writeNetwork()
        let names = try SmallGallery.write(into: folder, families: 3)
        let picture = folder("pictures/" + names[1])
        try run("model", "import", file, "--name", "tiny", "--store", store)
        try run("index", folder("pictures"), "--store", store, "--model", "tiny", "--precision", "int8")
        let before = try hits(names[1], "--store", store)
        let server = try RunningServer(store: store, ["--precision", "f32"])
        let address = "127.0.0.1:\(server.port)"
        #expect(try hits(names[1], "--store", store) == before)
        #expect(try hits(names[1], "--server", address, "--precision", "int8") == before)
        try fails(["query", picture, "--server", address, "--precision", "f32"], "tiny", "in f32")
        // Imported while it runs, and used to make a collection through it.
        var other = TinyNetwork()
        other.seed = 3
        try run("model", "import", try writeNetwork(other), "--name", "second", "--store", store)
        try run("index", folder("pictures"), "--server", address, "--collection", "new", "--model", "second")
        #expect(try hits(names[1], "--server", address, "--collection", "new").first?.hasPrefix(names[1]) == true)
        #expect(try hits(names[1], "--server", address, "--collection", "new", "--precision", "f32").count == 5)
        try fails(
            ["index", picture, "--server", address, "--model", "default"], "was made with model tiny, not baseline-v1")
        try fails(["index", picture, "--server", address, "--model", "none"], "there is no model 'none'")
        #expect(try vector(picture, "--store", store, "--collection", "new").count == 24)
        try fails(["model", "remove", "second", "--store", store], "used by collection new: drop it first")
        #expect(server.stop() == 0)
        // Another server, another process: everything is found again.
        let again = try RunningServer(store: store)
        #expect(try hits(names[1], "--server", "127.0.0.1:\(again.port)") == before)
        #expect(again.stop() == 0)
    }

    @Test func theUsersModels() throws {
        let file = try writeNetwork()
        let names = try SmallGallery.write(into: folder, families: 2)
        func user(_ arguments: String...) throws -> Program.Result {
            try Program.run("/usr/bin/env", ["LOOKALIKE_MODELS=" + folder("models"), Program.path] + arguments)
        }
        #expect(try user("model", "import", file, "--name", "mine").status == 0)
        #expect(try user("model", "list").output.contains("mine"))
        #expect(try user("embed", folder("pictures/" + names[0]), "--model", "mine").status == 0)
        #expect(try user("index", folder("pictures"), "--store", store, "--model", "mine").status == 0)
        // Copied into the store: no longer the user's concern.
        #expect(try user("model", "remove", "mine").status == 0)
        #expect(try hits(names[0], "--store", store).first?.hasPrefix(names[0]) == true)
        let gone = try user("embed", folder("pictures/" + names[0]), "--model", "mine")
        #expect(gone.status == 1 && gone.error.contains("there is no model 'mine': choose one of default, baseline-v1"))
    }

    @Test func whatCannotBeImported() throws {
        let file = try writeNetwork()
        func refused(_ words: String, _ more: String...) throws {
            try fails(["model", "import", file, "--store", store] + more, words)
        }
        try refused("part of the program", "--name", "default")
        try refused("cannot be the name of a model", "--name", "../x")
        try refused("no value named 'nothing'", "--name", "x", "--output", "nothing")
        try refused("cannot read", "--name", "x", "--calibrate", folder("none"))
        try run("model", "import", file, "--name", "x", "--store", store)
        try refused("there is a model 'x' already", "--name", "x")
        try folder.write("in/tiny.onnx", Array(TinyNetwork().bytes.prefix(900)))
        try refused("tiny.onnx", "--name", "y")
        try folder.write("in/tiny.onnx", [UInt8]("no network".utf8))
        try refused("not a usable ONNX model", "--name", "y")
        try fails(["model", "import", folder("none.onnx"), "--name", "y", "--store", store], "there is no such file")
        try fails(["model", "remove", "y", "--store", store], "there is no model 'y'")
        try fails(["model", "remove", "default"], "part of the program")
        try fails(["model", "show", "y", "--store", store], "there is no model 'y'")
        try fails(["bench", "embed", "--precision", "int8"], "baseline-v1 has no precision int8")
        #expect(try FileManager.default.contentsOfDirectory(atPath: store + "/models").sorted() == [".lock", "x"])
    }

    @Test func calibratedWithOnesOwnPictures() throws {
        let file = try writeNetwork()
        try SmallGallery.write(into: folder, families: 2)
        try folder.write("pictures/note.txt", [1, 2, 3])
        try run("model", "import", file, "--name", "own", "--store", store, "--calibrate", folder("pictures"))
        try run("model", "import", file, "--name", "drawn", "--store", store)
        func hash(_ name: String, _ precision: String) throws -> String? {
            try run("model", "show", name, "--store", store, "--precision", precision, "--json")
                .objects().first?["hash"] as? String
        }
        #expect(try hash("own", "f32") == hash("drawn", "f32"))
        #expect(try hash("own", "int8") != hash("drawn", "int8"))
        try folder.write("text/note.txt", [1, 2, 3])
        let none = try Program.run([
            "model", "import", file, "--name", "none", "--store", store, "--calibrate", folder("text"),
        ])
        #expect(none.status == 0 && none.error.contains("could not be calibrated for int8"))
        #expect(none.output.hasSuffix("in f32\n"))
    }

    @Test func evaluating() throws {
        let file = try writeNetwork()
        let names = try SmallGallery.write(into: folder, families: 5, perFamily: 3)
        try run("model", "import", file, "--name", "tiny", "--store", store)
        let report = try run("evaluate", folder("pictures"), "--model", "tiny", "--store", store, "--json").objects()
        #expect(report.map { $0["set"] as? String } == ["pictures", "mean"])
        for line in report {
            #expect(line["n"] as? Int == names.count)
            for key in ["map", "recall_at_1", "precision_at_10", "ndcg_at_10", "mrr"] {
                let value = try #require(line[key] as? Double)
                #expect((0...1).contains(value) && value > 0)
            }
        }
        #expect(report.last?["model"] as? String == "tiny")
        // The same through a CSV, as two sets, one of which has nothing to find.
        var csv = "file,set,label,group\n"
        for name in names { csv += "\"\(name)\",all,\(name.split(separator: "/")[0]),\n" }
        csv += "\(names[0]),single,x,\nmissing.jpg,single,x,\n"
        try folder.write("pictures/labels.csv", [UInt8](csv.utf8))
        let run = try run("evaluate", folder("pictures/labels.csv"), "--model", "tiny", "--store", store, "--json")
        let lines = try run.objects()
        #expect(lines.map { $0["set"] as? String } == ["all", "single", "mean"])
        #expect(lines[0]["map"] as? Double == report[0]["map"] as? Double)
        #expect(lines[1]["map"] is NSNull && lines[1]["without_match"] as? Int == 1)
        #expect(lines[2]["map"] as? Double == lines[0]["map"] as? Double)
        #expect(lines[2]["rejected"] as? Int == 1 && run.error.contains("missing.jpg: unreadable"))
        #expect(try self.run("evaluate", folder("pictures")).output.contains("recall@1"))
        try fails(["evaluate", folder("none")], "cannot read", "give a folder of folders, or a CSV file")
        try folder.write("bad.csv", [UInt8]("a,b\n".utf8))
        try fails(["evaluate", folder("bad.csv")], "bad.csv", "names no columns file and label")
    }

    @Test func measuring() throws {
        let file = try writeNetwork()
        try run("model", "import", file, "--name", "tiny", "--store", store)
        let line = try #require(
            try run("bench", "embed", "--model", "tiny", "--store", store, "--precision", "int8", "--json")
                .objects().first)
        #expect(line["model"] as? String == "tiny" && line["precision"] as? String == "int8")
        #expect(line["threads"] as? Int == 1)
        let (p50, p99) = (line["p50_ms"] as? Double ?? 0, line["p99_ms"] as? Double ?? 0)
        let network = line["network_ms"] as? Double ?? 0
        #expect(p50 > 0 && p99 >= p50 && network > 0 && network <= p99)
        #expect((line["images_per_s"] as? Double ?? 0) > 0 && (line["load_ms"] as? Double ?? 0) > 0)
    }

    /// A real one, where it is.
    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.reason)))
    func aSharedModel() throws {
        let names = try SmallGallery.write(into: folder, families: 4)
        try run(
            "model", "import", SharedData.path("models/mobilenet_v2_1.0_224.onnx"), "--name", "mobilenet", "--store",
            store)
        let shown = try #require(
            try run("model", "show", "mobilenet", "--store", store, "--json").objects().first)
        #expect(shown["dimension"] as? Int == 1280 && shown["licence"] as? String == "Apache-2.0")
        for precision in ["f32", "int8"] {
            try run(
                "index", folder("pictures"), "--store", store, "--collection", precision, "--model", "mobilenet",
                "--precision", precision)
            for name in names.prefix(3) {
                #expect(try hits(name, "--store", store, "--collection", precision).first?.hasPrefix(name) == true)
            }
        }
    }
}
