#include "annotation/ledger.h"

#include <sqlite3.h>

#include <chrono>
#include <thread>

#include "core/console.h"
#include "core/error.h"

namespace segue {
namespace {

constexpr int busy_ms = 60'000;
constexpr int version = 1;
constexpr int application = 0x53656775;  // "Segu"

constexpr const char* tables = R"(
CREATE TABLE IF NOT EXISTS request (
  id INTEGER PRIMARY KEY, hash TEXT NOT NULL, model TEXT NOT NULL, asked_of TEXT NOT NULL, at_ms INTEGER NOT NULL, tracks INTEGER NOT NULL,
  state TEXT NOT NULL, prompt_tokens INTEGER, answer_tokens INTEGER, cost REAL NOT NULL, seconds REAL, answer TEXT, error TEXT);
CREATE TABLE IF NOT EXISTS answer (key TEXT PRIMARY KEY, request INTEGER NOT NULL, whole INTEGER NOT NULL, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent (cost REAL NOT NULL);
)";

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

/// A prepared statement with its values.
class Ledger::Statement {
 public:
  Statement(const Ledger& ledger, const char* sql) : ledger_(ledger) {
    if (sqlite3_prepare_v2(ledger.base_, sql, -1, &made_, nullptr) != SQLITE_OK) fail();
  }
  ~Statement() { sqlite3_finalize(made_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  template <class... Values>
  Statement& with(const Values&... values) {
    int place = 0;
    (put(++place, values), ...);
    return *this;
  }
  /// True where there is a row.
  bool step() {
    const int code = sqlite3_step(made_);
    if (code != SQLITE_ROW && code != SQLITE_DONE) fail();
    return code == SQLITE_ROW;
  }
  int64_t whole(int column) const { return sqlite3_column_int64(made_, column); }
  double number(int column) const { return sqlite3_column_double(made_, column); }
  std::string text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(made_, column));
    return bytes == nullptr ? std::string() : std::string(bytes, static_cast<size_t>(sqlite3_column_bytes(made_, column)));
  }

 private:
  void put(int place, const std::string& text) { sqlite3_bind_text64(made_, place, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8); }
  void put(int place, const char* text) { sqlite3_bind_text(made_, place, text, -1, SQLITE_STATIC); }
  void put(int place, int64_t number) { sqlite3_bind_int64(made_, place, number); }
  void put(int place, double number) { sqlite3_bind_double(made_, place, number); }
  [[noreturn]] void fail() const { throw Error("{}: {}", ledger_.file_.string(), sqlite3_errmsg(ledger_.base_)); }

  const Ledger& ledger_;
  sqlite3_stmt* made_ = nullptr;
};

Ledger::Ledger(const Path& file) : file_(file) {
  std::error_code failed;
  std::filesystem::create_directories(file.parent_path(), failed);
  if (sqlite3_open_v2(file.c_str(), &base_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr) != SQLITE_OK) {
    const std::string why = base_ == nullptr ? "no memory" : sqlite3_errmsg(base_);
    sqlite3_close_v2(base_);
    throw Error("{}: {}", file.string(), why);
  }
  try {
    sqlite3_busy_timeout(base_, busy_ms);
    int64_t whose = 0, which = 0;
    {
      Statement owner(*this, "PRAGMA application_id");
      if (owner.step()) whose = owner.whole(0);
      Statement kept(*this, "PRAGMA user_version");
      if (kept.step()) which = kept.whole(0);
      Statement any(*this, "SELECT count(*) FROM sqlite_master");
      any.step();
      if ((any.whole(0) > 0 && whose != application) || which > version) throw Error("{}: is not a ledger that this version of Segue wrote", file.string());
    }
    // A write is there when it returns unless the whole machine stops, which may take the last ones with it.
    write_ahead();
    run("PRAGMA synchronous=NORMAL");
    run("BEGIN IMMEDIATE");
    run(tables);
    run("INSERT INTO spent SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM spent)");
    run(fmt::format("PRAGMA application_id={}", application).c_str());
    run(fmt::format("PRAGMA user_version={}", version).c_str());
    run("COMMIT");
  } catch (...) {
    sqlite3_close_v2(base_);
    throw;
  }
}

Ledger::~Ledger() { sqlite3_close_v2(base_); }

void Ledger::run(const char* sql) const {
  if (sqlite3_exec(base_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw Error("{}: {}", file_.string(), sqlite3_errmsg(base_));
}

/// SQLite does not wait by itself where two begin with a new file at once.
void Ledger::write_ahead() const {
  for (int waited_ms = 0;; waited_ms += 20) {
    const int code = sqlite3_exec(base_, "PRAGMA journal_mode=WAL", nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return;
    if (code != SQLITE_BUSY || waited_ms > busy_ms) throw Error("{}: {}", file_.string(), sqlite3_errmsg(base_));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

/// Inside a transaction.
void Ledger::spend(double more, std::optional<double> budget) {
  Statement spent(*this, "SELECT cost FROM spent");
  spent.step();
  const double before = spent.number(0);
  if (budget && before + more > *budget) throw BudgetSpent{before, more, *budget};
  Statement(*this, "UPDATE spent SET cost = cost + ?").with(more).step();
}

template <class Work>
void Ledger::together(const Work& work) {
  const std::lock_guard lock(mutex_);
  run("BEGIN IMMEDIATE");
  try {
    work();
    run("COMMIT");
  } catch (...) {
    sqlite3_exec(base_, "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

int64_t Ledger::begin(const Ask& ask) {
  int64_t id = 0;
  together([&] {
    spend(ask.most, ask.budget);
    Statement row(*this, "INSERT INTO request (hash, model, asked_of, at_ms, tracks, state, cost) VALUES (?, ?, ?, ?, ?, 'asked', ?)");
    row.with(ask.hash, ask.model, ask.where, now_ms(), ask.tracks, ask.most).step();
    id = sqlite3_last_insert_rowid(base_);
  });
  return id;
}

void Ledger::raise(int64_t request, double more, std::optional<double> budget) {
  together([&] {
    spend(more, budget);
    Statement(*this, "UPDATE request SET cost = cost + ? WHERE id = ?").with(more, request).step();
  });
}

void Ledger::end(int64_t request, const Outcome& outcome, const std::vector<Answer>& answers) {
  together([&] {
    Statement was(*this, "SELECT cost FROM request WHERE id = ?");
    if (!was.with(request).step()) throw Error("{}: request {} is gone; another program changed it", file_.string(), request);
    const double change = outcome.cost - was.number(0);
    const std::string text = valid_utf8(outcome.text), error = valid_utf8(outcome.error);
    Statement(*this, "UPDATE request SET state = ?, prompt_tokens = ?, answer_tokens = ?, cost = ?, seconds = ?, answer = ?, error = ? WHERE id = ?")
        .with(error.empty() ? "answered" : "failed", outcome.prompt_tokens, outcome.answer_tokens, outcome.cost, outcome.seconds, text, error, request)
        .step();
    Statement(*this, "UPDATE spent SET cost = cost + ?").with(change).step();
    for (const auto& answer : answers) {
      Statement(*this, "INSERT OR REPLACE INTO answer (key, request, whole, text) VALUES (?, ?, ?, ?)")
          .with(answer.key, request, static_cast<int64_t>(answer.whole), answer.text)
          .step();
    }
  });
}

std::optional<Ledger::Answer> Ledger::find(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  Statement row(*this, "SELECT text, whole FROM answer WHERE key = ?");
  if (!row.with(key).step()) return std::nullopt;
  return Answer{key, row.text(0), row.whole(1) != 0};
}

Ledger::Totals Ledger::totals() const {
  const std::lock_guard lock(mutex_);
  Statement sums(*this,
                 "SELECT count(*), total(state = 'answered'), total(state = 'failed'), total(prompt_tokens), total(answer_tokens), total(seconds), "
                 "(SELECT cost FROM spent) FROM request");
  sums.step();
  return {sums.whole(0), sums.whole(1), sums.whole(2), sums.whole(3), sums.whole(4), sums.number(6), sums.number(5)};
}

Ledger::Usage Ledger::usage(const std::string& model, int64_t tracks) const {
  const std::lock_guard lock(mutex_);
  Statement means(*this,
                  "SELECT count(*), avg(prompt_tokens), avg(answer_tokens), avg(seconds) FROM (SELECT * FROM request WHERE model = ? AND tracks = ? "
                  "AND state = 'answered' ORDER BY id DESC LIMIT 1000)");
  means.with(model, tracks).step();
  return {means.whole(0), means.number(1), means.number(2), means.number(3)};
}

}  // namespace segue
