import ArgumentParser
import Catalogue
import Client
import Foundation
import Indexing
import JSONLines
import NeuralNetwork
import Presentation
import Storage
import Synchronization
import UnixSignals
import VectorCollections

/// `lookalike index PATH... --store DIR`
struct IndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Add the pictures of folders to a collection.",
        discussion: """
            Walks the folders, decodes JPEG and PNG, turns each picture into a vector and adds it. Files that an \
            earlier run has added and that have not changed since are passed over. What is no picture is listed with \
            its reason; it does not stop the run.

            Examples:
              lookalike index ~/Pictures --store ~/pictures.store
              lookalike index photos scans --store S --collection archive --report report.jsonl
              lookalike index ~/Pictures --server 127.0.0.1:6390 --json
              lookalike index ~/Pictures --store S --collection m --model mobilenet --precision int8
            """)

    @Argument(help: ArgumentHelp("Folders and files.", valueName: "path"))
    var paths: [String]

    @OptionGroup var place: PlaceOptions

    @Option(help: ArgumentHelp("The model, for a collection that is made now.", valueName: "name"))
    var model: String?

    @Option(help: ArgumentHelp("What a network computes with, likewise: f32 or int8.", valueName: "p"))
    var precision: Precision?

    @Option(help: ArgumentHelp("Pictures worked on at once (default: one a core).", valueName: "n"))
    var jobs: Int?

    @Option(help: ArgumentHelp("Write a JSON line for every file met.", valueName: "file.jsonl"))
    var report: String?

    @Flag(help: "Print JSON lines: one a file, and a summary last.")
    var json = false

    @OptionGroup(visibility: .hidden) var later: LaterOptions

    /// Agreed options of later versions.
    struct LaterOptions: ParsableArguments {
        @Flag var prune = false
        @Flag var watch = false
        @Flag var dryRun = false
        @Flag var stats = false
        @Option var include: [String] = []
        @Option var exclude: [String] = []
        @Option var export: String?

        func check() throws {
            let used = [
                ("--prune", prune), ("--watch", watch), ("--dry-run", dryRun), ("--stats", stats),
                ("--include", !include.isEmpty), ("--exclude", !exclude.isEmpty), ("--export", export != nil),
            ]
            if let option = used.first(where: \.1) { throw Failure.notSupportedYet(option.0) }
        }
    }

    /// Each has threads with stacks of megabytes, of an address space that is limited.
    private static let jobsRange = 1...256

    func validate() throws {
        if paths.isEmpty { throw ValidationError("Give at least one folder or file.") }
        if let jobs, !Self.jobsRange.contains(jobs) {
            throw ValidationError("--jobs is a number from 1 to \(Self.jobsRange.upperBound).")
        }
        if report?.isEmpty == true { throw ValidationError("--report needs a file name.") }
    }

    func run() async throws {
        try later.check()
        StandardStream.ignoreBrokenPipes()
        let gathering = try Gathering(
            paths.map(RawArguments.bytes), ignoring: place.store.map { [RawArguments.bytes($0)] } ?? [])
        if let notice = gathering.notice { StandardStream.error.line(notice) }
        guard !gathering.files.isEmpty || !gathering.passedOver.isEmpty else {
            throw Failure("no files in \(paths.joined(separator: ", ")): give a folder that holds JPEG or PNG pictures")
        }
        let output = IndexOutput(total: gathering.files.count, json: json)
        let jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount
        switch try await place.open(.writing) {
        case .store(let store):
            do {
                let target = try StoreTarget(
                    Catalogue(store: store), collection: place.name, model: model, precision: precision, jobs: jobs)
                try await index(gathering, target, output)
            } catch {
                // What was added stays; the first failure is the one to tell.
                try? store.close()
                throw error
            }
            do {
                try store.close()
            } catch {
                output.abandon()
                throw error
            }
        case .server(let address):
            let target = try await ServerTarget(
                address, collection: place.name.bytes, model: model, precision: precision, jobs: jobs)
            try await index(gathering, target, output)
        }
        try output.finish(paths: paths)
    }

    private func index(_ gathering: Gathering, _ target: any IndexTarget, _ output: IndexOutput) async throws {
        // Only now that all else is known to work: it replaces the report of an earlier run.
        if let report {
            if let file = realpath(report, nil) {
                defer { free(file) }
                let place = [UInt8](UnsafeRawBufferPointer(start: file, count: strlen(file)))
                if gathering.files.contains(where: { $0.path == place }) {
                    throw Failure("the report \(report) is one of the files to be indexed: give another name")
                }
            }
            try output.openReport(report)
        }
        let run = IndexRun(gathering, into: target) { output.tell($0, $1) }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let watcher = Task {
            var isStopping = false
            for await _ in signals {
                // Asked twice: nothing acknowledged is lost by going at once.
                if isStopping { _exit(1) }
                isStopping = true
                StandardStream.error.line("stopping: pictures under way are finished; again to stop at once")
                run.stop()
            }
        }
        defer { watcher.cancel() }
        output.begin()
        do {
            let summary = try await run.run()
            try await target.finish()
            output.end(summary, stopped: run.wasStopped)
        } catch {
            try? await target.finish()
            output.abandon()
            throw error
        }
    }
}
