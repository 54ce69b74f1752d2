import RecallBenchmark

/// Which rows are in the index, and what each round does with them.
///
/// Two thirds of the base's rows are in at the beginning, one third is out. A round takes a random half of what is in
/// out, puts all that was out in, so that every row that comes is another than those that go, and changes a tenth of
/// those that stay to the vector of another row and back. What is in after a round is known exactly.
///
/// A round has two waves, each in random order and each done by all threads at once; between them they wait for each
/// other. No row occurs twice in a wave, so that it does not matter which thread does what, and whatever a change needs
/// to know of its row was noted before the wave.
package struct ChurnPlan {
    /// What is done to a row.
    package enum Kind: UInt8, BitwiseCopyable {
        case add, remove
        /// To the vector of `other`.
        case change
        /// To its own again.
        case changeBack
    }

    /// One change of the index.
    package struct Step: BitwiseCopyable {
        package var kind: Kind
        package var row: UInt32
        package var other: UInt32
    }

    /// Of those that stay, one in so many is changed.
    static let stayingPerChange = 10

    /// The steps of the round drawn last: the first wave, then the second.
    package let steps: SharedArray<Step>
    /// How many steps each wave has.
    package let waves: (first: Int, second: Int)
    /// How many rows a round takes out, and as many in.
    let exchanged: Int
    /// How many rows a round changes.
    let changed: Int
    private var rows: [UInt32]
    private var random: SeededSequence

    /// How many rows are in between two rounds.
    var inside: Int { 2 * exchanged }
    /// Those rows.
    package var rowsInside: ArraySlice<UInt32> { rows[..<inside] }

    /// Rows 0..<`base`, of which up to two are left over. All memory is taken now.
    package init(base: Int, seed: UInt64) {
        exchanged = base / 3
        changed = exchanged / Self.stayingPerChange
        waves = (exchanged / 2 * 2 + changed, (exchanged - exchanged / 2) * 2 + changed)
        steps = SharedArray(repeating: Step(kind: .add, row: 0, other: 0), count: waves.first + waves.second)
        rows = (0..<UInt32(3 * exchanged)).map { $0 }
        random = SeededSequence(seed: seed)
        rows.shuffle(using: &random)
    }

    /// Draws the next round: fills `steps`. `rowsInside` is then what is in when they have been done.
    package mutating func draw() {
        rows[..<inside].shuffle(using: &random)
        let half = exchanged / 2
        for place in 0..<exchanged {
            let (going, coming) = (rows[place], rows[inside + place])
            let at = place < half ? 2 * place : waves.first + 2 * (place - half)
            steps[at] = Step(kind: .remove, row: going, other: going)
            steps[at + 1] = Step(kind: .add, row: coming, other: coming)
        }
        for place in 0..<changed {
            let row = rows[exchanged + place]
            let other = rows[Int.random(in: rows.indices, using: &random)]
            steps[2 * half + place] = Step(kind: .change, row: row, other: other)
            steps[waves.first + 2 * (exchanged - half) + place] = Step(kind: .changeBack, row: row, other: row)
        }
        shuffle(0..<waves.first)
        shuffle(waves.first..<waves.first + waves.second)
        for place in 0..<exchanged { rows.swapAt(place, inside + place) }
    }

    /// Fisher and Yates' shuffle of some of the steps, where they lie.
    private mutating func shuffle(_ range: Range<Int>) {
        for place in range.dropFirst().reversed() {
            let other = Int.random(in: range.lowerBound...place, using: &random)
            (steps[place], steps[other]) = (steps[other], steps[place])
        }
    }
}
