// The program as a user meets it.
#include <gtest/gtest.h>

#include <cstdio>
#include <sstream>

#include "support/archives.h"
#include "support/logs.h"
#include "support/program.h"

namespace segue {
namespace {

/// A line for the person, not a crash.
void expect_message(const Ran& ran, const std::string& part) {
  EXPECT_EQ(ran.code, 1) << ran.err;
  EXPECT_NE(ran.err.find(part), std::string::npos) << ran.err;
  EXPECT_EQ(ran.err.find("terminate"), std::string::npos) << ran.err;
  EXPECT_EQ(ran.err.find("std::"), std::string::npos) << ran.err;
}

std::string many_plays(const std::string& who, int plays) {
  std::string text;
  for (int i = 0; i < plays; ++i) text += line(who, 200 * i, "track " + std::to_string(i * i % 17));
  return text;
}

TEST(Program, SaysItsVersionAndOnlyVerbsThatWork) {
  EXPECT_EQ(segue_program({"--version"}).code, 0);
  const auto help = segue_program({"--help"});
  EXPECT_EQ(help.code, 0);
  const std::string verbs = help.out.substr(help.out.find("Subcommands"));
  std::istringstream lines(verbs.substr(verbs.find('\n') + 1));
  int count = 0;
  for (std::string text, verb; std::getline(lines, text);) {
    if (!(std::istringstream(text) >> verb) || !text.starts_with("  ") || text[2] == ' ') continue;
    const auto of_verb = segue_program({verb, "--help"});
    EXPECT_EQ(of_verb.code, 0) << verb;
    for (const char* common : {"--json", "--threads", "--seed", "--device", "--quiet"}) {
      EXPECT_NE(of_verb.out.find(common), std::string::npos) << verb << common;
    }
    EXPECT_EQ(segue_program({verb}).code, 2) << verb;  // nothing was given to it
    ++count;
  }
  EXPECT_GE(count, 5);
}

TEST(Program, OffersTensorsOnlyWhereItWasBuiltWithThem) {
  const auto offers = [](const std::vector<std::string>& arguments, const char* what) {
    return segue_program(arguments).out.find(what) != std::string::npos;
  };
  EXPECT_EQ(offers({"--help"}, "\n  train"), SEGUE_WITH_TENSORS == 1);
  EXPECT_EQ(offers({"evaluate", "--help"}, "--run"), SEGUE_WITH_TENSORS == 1);
  EXPECT_EQ(offers({"recommend", "--help"}, "--run"), SEGUE_WITH_TENSORS == 1);
  if (SEGUE_WITH_TENSORS) return;
  EXPECT_EQ(segue_program({"train", "data", "--run", "run"}).code, 2);
  EXPECT_EQ(segue_program({"evaluate", "data", "--run", "run"}).code, 2);
}

TEST(Program, SaysWhereItLooksForWhatComputesTensors) {
  if (!SEGUE_WITH_TENSORS) GTEST_SKIP() << "built without";
  const Scratch scratch;
  std::filesystem::copy_file(SEGUE_PROGRAM, scratch / "segue");
  const Ran alone = run_program(scratch / "segue", {"train", "data", "--run", "run"});
  expect_message(alone, scratch.folder().string());
  EXPECT_NE(alone.err.find("install"), std::string::npos) << alone.err;
  scratch.file("segue-tensors", "no program");
  expect_message(run_program(scratch / "segue", {"train", "data", "--run", "run"}), "does not start");
}

TEST(Program, EndsWithTwoWhereItWasCalledWrongly) {
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"imprt"},
                                             {"import"},
                                             {"import", "x"},
                                             {"import", "x", "--into"},
                                             {"evaluate", "x", "--part", "train"},
                                             {"evaluate", "x", "--ranker", "popluar"},
                                             {"prepare", "x", "--protocol", "mine"},
                                             {"import", "x", "--into", "y", "--threads", "0"},
                                             {"import", "x", "--into", "y", "--threads", "two"},
                                             {"import", "x", "--into", "y", "--format", "winamp"},
                                             {"recommend", "x", "-k", "0"},
                                             {"--no-such"}}) {
    const auto ran = segue_program(arguments);
    EXPECT_EQ(ran.code, 2) << fmt::format("{}", fmt::join(arguments, " ")) << "\n" << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err, "");
  }
}

TEST(Program, EndsWithOneWhereThePersonCanMendIt) {
  const TestData data;
  const std::string into = data.folder().string();
  expect_message(segue_program({"import", (data.scratch / "absent").string(), "--into", into}), "absent");
  expect_message(segue_program({"import", data.scratch.file("empty.tsv", "").string(), "--into", into}), "empty.tsv");
  expect_message(segue_program({"import", "/dev/null", "--into", into}), "save what comes out of it");
  expect_message(segue_program({"import", data.scratch.file("notes.txt", "dear diary\n").string(), "--into", into}),
                 "no file here is a log of a known format");
  expect_message(segue_program({"import", data.scratch.file("few.tsv", "one\ttwo\n").string(), "--into", into,
                                "--format", "lastfm-1k"}),
                 "");
  expect_message(segue_program({"prepare", into}), "segue import");
  expect_message(segue_program({"evaluate", into}), "segue prepare");
  expect_message(segue_program({"recommend", into, "--listener", "ann"}), "segue import");
  data.import("log.tsv", many_plays("ann", 30));
  expect_message(segue_program({"recommend", into, "--listener", "bob"}), "known: ann");
  expect_message(segue_program({"recommend", into}), "--listener");
  expect_message(segue_program({"prepare", into}), "segue-own");
  expect_message(segue_program({"prepare", into, "--set", "sessions.min_usr=3"}), "min_user");
  expect_message(segue_program({"prepare", into, "--set", "nonsense"}), "nonsense");
  expect_message(segue_program({"prepare", into, "--config", (data.scratch / "absent.yaml").string()}), "absent.yaml");
  expect_message(segue_program({"prepare", into, "--config", data.scratch.file("bad.yaml", "{sessions: [").string()}), "bad.yaml");
  expect_message(
      segue_program({"import",
                     data.scratch.file("log.csv", "artist,album,track,date\nA,B,C,\"04 May 2009, 23:08\"\n").string(),
                     "--into", into, "--time-zone", "Atlantis"}),
      "Atlantis");
}

TEST(Program, NamesTheColumnsThatAreMissing) {
  const TestData data;
  expect_message(segue_program({"import", data.scratch.file("log.csv", "artist,song\nAnn,One\n").string(), "--into",
                                data.folder().string(), "--format", "lastfm-csv"}),
                 "artist");
  expect_message(segue_program({"import", data.scratch.file("log.tsv", many_plays("ann", 3)).string(), "--into",
                                data.folder().string(), "--lengths",
                                data.scratch.file("l.tsv", "artist\ttitle\nAnn\tOne\n").string()}),
                 "duration_ms");
}

TEST(Program, GivesOneJsonDocumentAndNothingElse) {
  const TestData data;
  const std::string world = (data.scratch / "world").string(), into = data.folder().string();
  const auto json_of = [](const std::vector<std::string>& arguments) {
    const auto ran = segue_program(arguments);
    EXPECT_EQ(ran.code, 0) << ran.err;
    try {
      return ran.json();
    } catch (const nlohmann::json::exception& bad) {
      ADD_FAILURE() << arguments[0] << ": " << bad.what() << "\n" << ran.out.substr(0, 300);
      return nlohmann::json();
    }
  };
  EXPECT_EQ(json_of({"simulate", "--into", world, "--listeners", "4", "--plays", "2000", "--tracks", "200",
                     "--audio-tracks", "0", "--extended-listeners", "1", "--json"})
                .at("listeners"),
            4);
  std::vector<std::string> import{"import"};
  for (const auto& entry : std::filesystem::directory_iterator(data.scratch / "world" / "spotify")) import.push_back(entry.path());
  import.insert(import.end(), {"--into", into, "--json"});
  const auto imported = json_of(import);
  EXPECT_EQ(imported.at("listeners"), 4);
  EXPECT_EQ(imported.at("complete"), true);
  const auto prepared = json_of({"prepare", into, "--protocol", "segue-own", "--json"});
  EXPECT_EQ(prepared.at("log").at("plays"), imported.at("plays"));
  const auto evaluated = json_of({"evaluate", into, "--protocol", "segue-own", "--ranker", "popular", "--ranker", "follow", "--json"});
  EXPECT_EQ(evaluated.at("rankers").size(), 2u);
  EXPECT_EQ(evaluated.at("protocol").at("data_hash"), prepared.at("data_hash"));
  const auto list = json_of({"recommend", into, "--listener", "user_000001", "-k", "5", "--ranker", "repeat-plays", "--json"});
  EXPECT_EQ(list.at("tracks").size(), 5u);
  for (const char* file : {"page.html", "table.md", "evaluation.json", "ranks.parquet", "figure.svg"}) {
    EXPECT_TRUE(std::filesystem::exists(data.folder() / "evaluations" / "segue-own" / file)) << file;
  }
}

TEST(Program, SaysWhyInWordsAndInJson) {
  const TestData data;
  const std::string into = data.folder().string();
  std::string text;
  for (int i = 0; i < 400; ++i) text += line("ann", 200 * i, i % 5 == 0 ? "first" : i % 5 == 1 ? "second" : "track " + std::to_string(i * i % 17));
  const std::string log = data.scratch.file("log.tsv", text + line("ann", 200 * 400, "first")).string();
  const std::string others = data.scratch.file("others.tsv", many_plays("bob", 300)).string();
  ASSERT_EQ(segue_program({"import", log, others, "--into", into}).code, 0);
  const auto ask = [&into](const std::vector<std::string>& more) {
    std::vector<std::string> all{"recommend", into, "-k", "3"};
    all.insert(all.end(), more.begin(), more.end());
    return segue_program(all);
  };
  const auto words = ask({"--listener", "ann", "--ranker", "markov", "--why"});
  EXPECT_NE(words.out.find("  1  because you played 'first' by "), std::string::npos) << words.out << words.err;
  for (const auto& row : ask({"--listener", "ann", "--ranker", "markov", "--why", "--why-plays", "2", "--json"}).json().at("tracks")) {
    EXPECT_EQ(row.at("why").at("without").size(), 2u);
  }
  EXPECT_FALSE(ask({"--listener", "ann", "--json"}).json().at("tracks").at(0).contains("why"));
  EXPECT_EQ(ask({"--listener", "ann", "--why-plays", "2"}).code, 2);  // of what?

  // A log that was never imported, only tracks that are new to it, one of an artist: places are among all that are new.
  const std::string history = data.scratch.file("cleo.tsv", line("cleo", 0, "track 1") + line("cleo", 200, "track 4")).string();
  const auto stranger = ask({"--history", history, "--new", "--per-artist", "1", "--why", "--json"});
  ASSERT_EQ(stranger.code, 0) << stranger.err;
  const auto tracks = stranger.json().at("tracks");
  ASSERT_FALSE(tracks.empty());
  for (const auto& row : tracks) {
    EXPECT_EQ(row.at("plays"), 0);
    EXPECT_GE(row.at("why").at("rank"), row.at("rank"));
    EXPECT_GT(row.at("why").at("without").size(), 0u);
  }
  for (const char* ranker : {"popular", "random"}) {
    const auto ran = ask({"--listener", "ann", "--ranker", ranker, "--why"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_NE(ran.out.find("\nWhy: there was no play and no part to take away"), std::string::npos) << ran.out;
  }
}

TEST(Program, GivesAJsonDocumentEvenWhereASourceIsSpoilt) {
  const TestData data;
  const auto ran = segue_program({"import", data.scratch.file("log.tsv", many_plays("ann", 3)).string(),
                                  (data.scratch / "absent").string(), "--into", data.folder().string(), "--json"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.json().at("complete"), false);
  EXPECT_EQ(ran.json().at("plays"), 3);
}

TEST(Program, ReadsTheRestWhereAnArchiveBreaksOff) {
  const TestData data;
  write_archive(data.scratch / "whole.gz", Packing::gz, {{"log.tsv", many_plays("ann", 9000)}});
  write_archive(
      data.scratch / "whole.zip", Packing::zip,
      {{"StreamingHistory0.json", account_export(std::vector<std::string>(3000, heard_row(5, "One", 1000)))}});
  const auto half = [&](const char* name) {
    return read_file(data.scratch / name).substr(0, std::filesystem::file_size(data.scratch / name) * 2 / 3);
  };
  const Path gz = data.scratch.file("cut.tsv.gz", half("whole.gz")), zip = data.scratch.file("cut.zip", half("whole.zip"));
  const Path good = data.scratch.file("good.tsv", many_plays("cleo", 7));
  const auto ran = segue_program({"import", gz.string(), zip.string(), good.string(), "--into", data.folder().string(), "--json"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.err.find("cut.tsv.gz"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("cut.zip"), std::string::npos) << ran.err;
  EXPECT_EQ(ran.json().at("sources").at(2).at("added"), 7);
  EXPECT_GT(ran.json().at("sources").at(0).at("added"), 0);
}

TEST(Program, RunsFromAnyFolderWithPathsOfThatFolder) {
  const TestData data;
  data.scratch.file("logs/log.tsv", many_plays("ann", 400));
  const Path folder = data.scratch / "logs";
  EXPECT_EQ(segue_program({"import", "log.tsv", "--into", "data"}, folder).code, 0);
  EXPECT_EQ(segue_program({"prepare", "data", "--protocol", "segue-own"}, folder).code, 0);
  EXPECT_EQ(segue_program({"evaluate", "data", "--protocol", "segue-own", "--ranker", "popular"}, folder).code, 0);
  EXPECT_EQ(segue_program({"recommend", "data/", "--history", "log.tsv", "--ranker", "follow"}, folder).code, 0);
  EXPECT_TRUE(std::filesystem::exists(folder / "data" / "evaluations" / "segue-own" / "page.html"));
}

TEST(Program, RefusesASecondImportWhileOneRuns) {
  const TestData data;
  const std::string log = data.scratch.file("log.tsv", many_plays("ann", 5)).string();
  const Changes first(data.folder());
  expect_message(segue_program({"import", log, "--into", data.folder().string()}), "another segue is at work here");
}

TEST(Program, SpeaksOfAFullDiskAndLeavesWhatWasThere) {
  const TestData data;
  data.import("log.tsv", many_plays("ann", 50));
  const std::string before = read_file(data.folder() / "plays.parquet");
  std::string large;
  for (int i = 0; i < 20000; ++i) large += line("bob", 100 * i, "a track of its own " + std::to_string(i * 7919));
  const std::string log = data.scratch.file("large.tsv", large).string();
  const auto ran = segue_program({"import", log, "--into", data.folder().string()}, {}, files_of_at_most(40'000));
  expect_message(ran, data.folder().string());
  EXPECT_NE(ran.err.find("File too large"), std::string::npos) << ran.err;  // what this limit calls it
  EXPECT_EQ(read_file(data.folder() / "plays.parquet"), before);
  EXPECT_FALSE(std::filesystem::exists(data.folder() / ".staged"));
  EXPECT_EQ(segue_program({"import", log, "--into", data.folder().string(), "--quiet"}).code, 0);
}

TEST(Program, SpeaksOfOutputThatIsLost) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const TestData data;
  data.import("log.tsv", many_plays("ann", 50));
  const auto ran = segue_program({"recommend", data.folder().string(), "--listener", "ann", "--ranker", "personal"}, {}, [] {
    ::dup2(::open("/dev/full", O_WRONLY), 1);
  });
  expect_message(ran, "the output can't be written");
}

TEST(Program, SpeaksOfAFolderItMayNotWrite) {
  const TestData data;
  const std::string log = data.scratch.file("log.tsv", many_plays("ann", 5)).string();
  expect_message(segue_program({"import", log, "--into", log}), "log.tsv");
  expect_message(segue_program({"import", log, "--into", "/proc/segue"}), "/proc/segue");
}

TEST(Program, SpeaksOfADataFolderThatIsSpoilt) {
  const TestData data;
  data.import("log.tsv", many_plays("ann", 50));
  const std::string log = data.scratch.file("log.tsv", many_plays("ann", 5)).string(), into = data.folder().string();
  for (const char* file : {"plays.parquet", "spellings.parquet", "tracks.parquet", "listeners.parquet", "sources.json"}) {
    const std::string before = read_file(data.folder() / file);
    write_file(data.folder() / file, before.substr(0, before.size() / 2));
    expect_message(segue_program({"import", log, "--into", into}), file);
    expect_message(segue_program({"prepare", into, "--protocol", "segue-own"}), "");
    write_file(data.folder() / file, before);
  }
  EXPECT_EQ(segue_program({"import", log, "--into", into}).code, 0);
}

TEST(Program, NeedsNoLibtorch) {
  FILE* pipe = ::popen("readelf -d '" SEGUE_PROGRAM "' 2>/dev/null", "r");
  std::string needed;
  char block[4096];
  for (size_t got; (got = ::fread(block, 1, sizeof block, pipe)) > 0;) needed.append(block, got);
  if (::pclose(pipe) != 0) GTEST_SKIP() << "no readelf here";
  EXPECT_NE(needed.find("NEEDED"), std::string::npos);
  EXPECT_EQ(needed.find("torch"), std::string::npos);
}

}  // namespace
}  // namespace segue
