#include <date/date.h>

#include <chrono>

#include "experiments/release_parts.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

/// The context of Croissant 1.0, as its specification has it.
Json context() {
  Json out{{"@language", "en"}, {"@vocab", "https://schema.org/"}};
  for (const char* word : {"citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet", "format", "includes",
                           "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex", "repeated", "replace",
                           "samplingRate", "separator", "source", "subField", "transform"}) {
    out[word] = std::string("cr:") + word;
  }
  out["conformsTo"] = "dct:conformsTo";
  out["data"] = {{"@id", "cr:data"}, {"@type", "@json"}};
  out["dataType"] = {{"@id", "cr:dataType"}, {"@type", "@vocab"}};
  out["examples"] = {{"@id", "cr:examples"}, {"@type", "@json"}};
  out["cr"] = "http://mlcommons.org/croissant/";
  out["rai"] = "http://mlcommons.org/croissant/RAI/";
  out["dct"] = "http://purl.org/dc/terms/";
  out["sc"] = "https://schema.org/";
  return out;
}

const char* encoding_of(const Path& file) {
  const Path ending = file.extension();
  if (ending == ".parquet") return "application/x-parquet";
  if (ending == ".json") return "application/json";
  if (ending == ".md") return "text/markdown";
  if (ending == ".py") return "text/x-python";
  if (ending == ".tsv") return "text/tab-separated-values";
  return "application/octet-stream";  // safetensors
}

const char* data_type(std::string_view type) {
  if (type == "string") return "sc:Text";
  if (type == "bool") return "sc:Boolean";
  return type == "float" ? "sc:Float" : "sc:Integer";
}

Json file_object(const ReleasedFile& file) {
  return {{"@type", "cr:FileObject"}, {"@id", file.path}, {"name", file.path}, {"contentUrl", file.path},
          {"contentSize", std::to_string(file.bytes) + " B"}, {"encodingFormat", encoding_of(file.path)}, {"sha256", file.sha256}};
}

Json record_set(const ReleasedFile& file) {
  const std::string id = file.path.substr(0, file.path.size() - std::string_view(".parquet").size());
  Json out{{"@type", "cr:RecordSet"}, {"@id", id}, {"name", id}, {"description", file.table->about}, {"field", Json::array()}};
  for (const auto& column : file.table->columns) {
    out["field"].push_back({{"@type", "cr:Field"}, {"@id", id + "/" + column.name}, {"name", column.name}, {"description", column.about},
                            {"dataType", data_type(column.plain_type())},
                            {"source", {{"fileObject", {{"@id", file.path}}}, {"extract", {{"column", column.name}}}}}});
  }
  return out;
}

}  // namespace

Json croissant_of(const Release& release) {
  const ReleaseOptions& o = release.options;
  const auto today = date::floor<date::days>(std::chrono::system_clock::now());
  Json out{{"@context", context()}, {"@type", "sc:Dataset"}, {"conformsTo", "http://mlcommons.org/croissant/1.0"}, {"name", o.name},
           {"description", o.description.empty() ? "Plays, sessions, cases and vectors of music tracks; README.md says more." : o.description},
           {"version", o.edition}, {"datePublished", date::format("%F", today)}};
  if (!o.license.empty()) out["license"] = o.license;
  if (!o.creator.empty()) out["creator"] = {{"@type", "sc:Person"}, {"name", o.creator}};
  if (!o.url.empty()) out["url"] = o.url;
  out["distribution"] = Json::array();
  out["recordSet"] = Json::array();
  for (const auto& file : release.files) {
    out["distribution"].push_back(file_object(file));
    if (file.table != nullptr) out["recordSet"].push_back(record_set(file));
  }
  return out;
}

}  // namespace segue
