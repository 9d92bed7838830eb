// Every count, cut-off and hash of ../shared/oracles/prepare, on whatever logs the folders hold.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <sstream>

#include "sessions/digest.h"
#include "support/oracles.h"
#include "support/logs.h"

namespace segue {
namespace {

using Json = nlohmann::json;

constexpr double tolerance = 1e-6;
const std::vector<std::string> silent = {"note", "rounds_here", "settings", "format", "gap_s"};

/// The protocol with the settings of an expected file.
Protocol protocol_of(const Json& settings) {
  const bool paper = settings.at("mode") == "paper";
  Protocol protocol = protocols().at(paper ? "paper" : "segue");
  auto& rules = protocol.sessions;
  rules.track_key = "raw";
  protocol.split.min_overlap = 0;
  const auto take = [&](const char* key, auto& value) {
    if (settings.contains(key)) settings.at(key).get_to(value);
  };
  take("min_user", rules.min_user);
  take("min_track", rules.min_track);
  take("gap", rules.gap_s);
  take("session", rules.session);
  take("min_sessions", rules.min_sessions);
  take("cap", rules.cap);
  take("ties", rules.ties);
  take("since", rules.since);
  take("until", rules.until);
  return protocol;
}

/// What prepare says of the logs under the settings of `wanted`, in the words of the expected files.
Json figures(const std::vector<Path>& logs, const Json& wanted, const Path& lengths = {}) {
  const Scratch scratch;
  const auto report = import_logs(logs, scratch / "data", with(&ImportOptions::lengths, lengths));
  if (!report.complete()) throw Error("{}", text_of(report));
  const Prepared prepared = prepare(scratch / "data", protocol_of(wanted.at("settings")), true);
  return {{"steps", summary(prepared).at("steps")}};
}

std::vector<Path> files_in(const Path& folder, const std::string& end) {
  std::vector<Path> found;
  if (!std::filesystem::is_directory(folder)) return found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().string().ends_with(end)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

class PrepareOracle : public testing::TestWithParam<std::string> {};

// --- the head of LastFM-1K

TEST_P(PrepareOracle, AgreesWithTheHeadOfLastfm1k) {
  const Path expected = oracles() / "prepare" / ("head." + GetParam() + ".json");
  if (!std::filesystem::exists(expected)) GTEST_SKIP() << "no " << expected;
  const auto logs = files_in(real_data() / "lastfm1k", ".tsv");
  if (logs.empty()) GTEST_SKIP() << "no log in " << real_data() / "lastfm1k";
  const Json wanted = read_json(expected);
  EXPECT_EQ(differences_between(wanted, figures(logs, wanted), tolerance, silent), "");
}

INSTANTIATE_TEST_SUITE_P(Modes, PrepareOracle, testing::Values("paper", "correct"), [](const auto& row) { return row.param; });

// --- the account exports

TEST(AccountOracle, AgreesWithTheAccountExports) {
  const Path expected = oracles() / "prepare" / "accounts.json";
  if (!std::filesystem::exists(expected)) GTEST_SKIP() << "no " << expected;
  const Json wanted = read_json(expected);
  std::vector<Path> logs;
  Json listeners = Json::object();
  for (const auto& [name, figures] : wanted.at("listeners").items()) {
    logs.push_back(real_data() / "listening" / name);
    if (!std::filesystem::exists(logs.back())) GTEST_SKIP() << "no " << logs.back();
    listeners[logs.back().stem()] = figures;
  }
  const Scratch scratch;
  ASSERT_TRUE(import_logs(logs, scratch / "data", {}).complete());
  Protocol protocol = protocols().at("segue-own");
  protocol.sessions.track_key = "raw";
  protocol.sessions.gap_s = wanted.at("gap_s");
  const Json got = summary(prepare(scratch / "data", protocol, true));
  EXPECT_EQ(differences_between(listeners, got.at("listeners"), tolerance, silent), "");
}

// --- the made-up log of the size that its expected files name

std::string sha256_of(const Path& path) {
  Sha256 hash;
  hash.add(read_file(path));
  return hash.hex();
}

/// What the folder lacks of the files that a list of checksums names; empty if nothing.
std::string lacks(const Path& folder, const Path& checksums) {
  std::istringstream lines(read_file(checksums));
  for (std::string sum, name; lines >> sum >> name;) {
    if (!std::filesystem::exists(folder / name)) return "no " + (folder / name).string();
    if (sha256_of(folder / name) != sum) return (folder / name).string() + " has another checksum than " + checksums.string() + " says";
  }
  return {};
}

/// In this run of the tests: one that failed is not worth another try by each test.
bool tried_lately(const Path& log) {
  return std::filesystem::exists(log) &&
         std::filesystem::file_time_type::clock::now() - std::filesystem::last_write_time(log) <
             std::chrono::minutes(10);
}

/// A folder with small.tsv and c/tracks.tsv as the checksums want them: SEGUE_TWIN, else one beside the program that
/// is filled once by the tool, however many tests ask at a time. `why`: what stands in the way.
Path twin(const Path& checksums, std::string& why) {
  if (const char* named = std::getenv("SEGUE_TWIN")) {
    why = lacks(named, checksums);
    return named;
  }
  const Path folder = Path(SEGUE_PROGRAM).parent_path() / "twin7";
  std::filesystem::create_directories(folder);
  const int lock = ::open((folder / ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
  ::flock(lock, LOCK_EX);
  why = lacks(folder, checksums);
  if (!why.empty() && !tried_lately(folder / "log.txt")) {
    const auto command = fmt::format("cd '{}' && python3 '{}' small.tsv --users 60 --plays 400000 --seed 7 --content c >log.txt 2>&1",
                                     folder.string(), std::filesystem::absolute(tools() / "make-lastfm-twin").string());
    const bool made = std::system(command.c_str()) == 0;
    why = lacks(folder, checksums);
    if (!made) why = "make-lastfm-twin failed, see " + (folder / "log.txt").string();
  }
  ::close(lock);
  return folder;
}

class TwinOracle : public testing::TestWithParam<std::string> {};

TEST_P(TwinOracle, AgreesWithTheMadeUpLog) {
  const Path expected = oracles() / "prepare" / (GetParam() + ".json"), checksums = oracles() / "prepare" / "twin7.sha256";
  if (!std::filesystem::exists(expected)) GTEST_SKIP() << "no " << expected;
  if (!std::filesystem::exists(checksums)) GTEST_SKIP() << "no " << checksums;
  std::string why;
  const Path folder = twin(checksums, why);
  if (!why.empty()) GTEST_SKIP() << why;
  const Json wanted = read_json(expected);
  const Path lengths = wanted.at("settings").value("durations", false) ? folder / "c" / "tracks.tsv" : Path();
  EXPECT_EQ(differences_between(wanted, figures({folder / "small.tsv"}, wanted, lengths), tolerance, silent), "");
}

std::string readable(const testing::TestParamInfo<std::string>& row) {
  std::string name = row.param;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

/// Whatever stands there of this log; a name that is none where there is nothing, so that its test says so.
std::vector<std::string> expected_of_the_twin() {
  std::vector<std::string> names;
  for (const auto& path : files_in(oracles() / "prepare", ".json")) {
    if (path.filename().string().starts_with("twin7.")) names.push_back(path.stem());
  }
  return names.empty() ? std::vector<std::string>{"twin7.paper"} : names;
}

INSTANTIATE_TEST_SUITE_P(Expected, TwinOracle, testing::ValuesIn(expected_of_the_twin()), readable);

/// The first rows that the hash of P8 is taken of, where the folder shows them: a hash that differs says nothing.
TEST(TwinRows, AreThoseThatTheHashIsTakenOf) {
  const Path expected = oracles() / "prepare" / "rows.tsv.head", checksums = oracles() / "prepare" / "twin7.sha256";
  if (!std::filesystem::exists(expected) || !std::filesystem::exists(checksums)) GTEST_SKIP() << "no " << expected;
  std::string why;
  const Path folder = twin(checksums, why);
  if (!why.empty()) GTEST_SKIP() << why;
  const Scratch scratch;
  import_logs({folder / "small.tsv"}, scratch / "data", {});
  const Json wanted = read_json(oracles() / "prepare" / "twin7.paper.json");
  const Prepared prepared = prepare(scratch / "data", protocol_of(wanted.at("settings")), false);

  std::istringstream lines(read_file(expected));
  for (std::string who, second, key, session; std::getline(lines, who, '\t') && std::getline(lines, second, '\t') &&
                                              std::getline(lines, key, '\t') && std::getline(lines, session);) {
    const auto listener = std::find(prepared.log.listeners.begin(), prepared.log.listeners.end(), who);
    if (listener == prepared.log.listeners.end()) continue;  // P13 dropped this one
    const auto u = static_cast<size_t>(listener - prepared.log.listeners.begin());
    bool found = false;
    for (auto i = static_cast<size_t>(prepared.log.first[u]); i < static_cast<size_t>(prepared.log.first[u + 1]); ++i) {
      found |= prepared.log.moment_ms[i] == 1000 * std::stoll(second) && prepared.session[i] == std::stoi(session) &&
               prepared.key[static_cast<size_t>(prepared.log.track[i])] == key;
    }
    EXPECT_TRUE(found) << who << " " << second << " " << key << " " << session;
  }
}

}  // namespace
}  // namespace segue
