#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/registry.h"
#include "ranking/scores.h"

namespace segue {

/// A metric of one relevant track at a rank (from 1, halves occur) and a cut; 0 below the cut.
using Metric = double (*)(double rank, int k);

/// Found among the first k?
double recall(double rank, int k);
/// The relevant part of the first k.
double precision(double rank, int k);
/// One over its place: 1, 1/2, 1/3, ...
double mrr(double rank, int k);
/// Mean of the precisions at relevant places: with one relevant track the same as mrr.
double average_precision(double rank, int k);
/// One over the binary logarithm of its place + 1: 1, 0.63, 0.5, 0.43, ...
double ndcg(double rank, int k);

const Registry<Metric>& metrics();

/// The lengths of lists that are judged: 1, 5, 10, 20, 100.
const std::vector<int>& cuts();

/// A metric at a cut: "ndcg@10".
struct Measure {
  std::string name;
  Metric metric = nullptr;
  int k = 0;
};

/// Every metric at every cut.
const std::vector<Measure>& measures();
/// Throws Error with the known names if there is no such measure.
const Measure& measure(const std::string& name);

/// What the rank of a target is among tracks that are level with it.
enum class Ties {
  mean_rank,    // the middle of the tied places (R1 of the protocol)
  expected,     // each metric averaged over the tied places: what a shuffle of them would give
  pessimistic,  // the last of them
  optimistic,   // the first of them
};

const Registry<Ties>& ties_rules();

/// The rank of a place, from 1. `expected` has no single rank: the middle stands for it.
double rank_of(const Place& place, Ties ties);

double metric_of(const Place& place, Metric metric, int k, Ties ties);

/// The metrics of a list with several relevant tracks, at the cut k.
struct ListMetrics {
  double recall = 0, precision = 0, mrr = 0;
  double map = 0;      // over min(relevant, k): 1 where the list can't be better
  double map_all = 0;  // over all relevant
  double ndcg = 0;     // binary
};

/// hit: 1 where the track at that place of the list is relevant. relevant: how many there are, listed or not; > 0.
ListMetrics metrics_of_list(const std::vector<uint8_t>& hit, int64_t relevant, int k);
/// [measures()] of such a list.
std::vector<double> measures_of_list(const std::vector<uint8_t>& hit, int64_t relevant);

}  // namespace segue
