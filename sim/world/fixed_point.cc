#include "netrig/sim/world/fixed_point.h"

#include <array>
#include <bit>
#include <cstddef>

namespace netrig::sim {
namespace {

constexpr std::uint32_t kQuarterTurn = 16384;
constexpr std::uint32_t kStepsPerEntry = 64;  // 16,384 / 256: angles between two entries of the table

// 2^20 * sin(i * 90 degrees / 256), rounded to nearest. Between entries a straight line is at most 5 parts
// per million off, less than a tenth of the last place of a direction.
constexpr std::array<std::int32_t, 257> kQuarterSine = {
    0,       6434,    12868,   19301,   25733,   32165,   38595,   45024,   51451,   57876,   64299,
    70720,   77138,   83553,   89965,   96374,   102778,  109179,  115576,  121969,  128357,  134740,
    141118,  147491,  153858,  160219,  166575,  172924,  179267,  185602,  191931,  198253,  204567,
    210873,  217172,  223462,  229744,  236018,  242282,  248537,  254783,  261020,  267246,  273462,
    279669,  285864,  292049,  298223,  304386,  310537,  316676,  322804,  328919,  335022,  341113,
    347190,  353255,  359306,  365343,  371367,  377377,  383373,  389354,  395321,  401273,  407209,
    413131,  419036,  424926,  430800,  436658,  442499,  448324,  454132,  459922,  465696,  471452,
    477190,  482910,  488612,  494295,  499960,  505606,  511233,  516841,  522430,  527998,  533547,
    539076,  544584,  550072,  555539,  560986,  566411,  571815,  577197,  582558,  587896,  593213,
    598507,  603779,  609028,  614254,  619456,  624636,  629792,  634924,  640033,  645117,  650177,
    655213,  660224,  665210,  670171,  675106,  680017,  684901,  689760,  694593,  699400,  704181,
    708935,  713662,  718362,  723036,  727682,  732301,  736892,  741455,  745991,  750498,  754977,
    759428,  763850,  768244,  772608,  776944,  781250,  785526,  789774,  793991,  798179,  802336,
    806463,  810560,  814627,  818662,  822667,  826641,  830584,  834495,  838376,  842224,  846041,
    849826,  853579,  857300,  860988,  864645,  868268,  871859,  875417,  878942,  882434,  885893,
    889319,  892711,  896069,  899394,  902684,  905941,  909164,  912352,  915506,  918626,  921711,
    924761,  927777,  930758,  933703,  936614,  939489,  942328,  945133,  947901,  950634,  953332,
    955993,  958618,  961208,  963761,  966278,  968758,  971202,  973609,  975980,  978314,  980611,
    982871,  985094,  987281,  989429,  991541,  993616,  995652,  997652,  999614,  1001538, 1003425,
    1005273, 1007084, 1008857, 1010592, 1012289, 1013948, 1015569, 1017151, 1018696, 1020201, 1021669,
    1023098, 1024488, 1025840, 1027153, 1028428, 1029664, 1030861, 1032019, 1033138, 1034219, 1035261,
    1036263, 1037227, 1038151, 1039037, 1039883, 1040690, 1041458, 1042187, 1042877, 1043527, 1044138,
    1044709, 1045242, 1045735, 1046188, 1046603, 1046978, 1047313, 1047609, 1047865, 1048083, 1048260,
    1048398, 1048497, 1048556, 1048576,
};

// For an angle of 0 to a quarter turn, inclusive.
std::int32_t sine(std::uint32_t angle) {
  const std::size_t entry = angle / kStepsPerEntry;
  const auto part = static_cast<std::int32_t>(angle % kStepsPerEntry);
  const std::int32_t below = kQuarterSine[entry];
  const std::int32_t above = part == 0 ? below : kQuarterSine[entry + 1];
  constexpr std::int32_t kPlaces = (1 << 20) / kDirectionLength * static_cast<std::int32_t>(kStepsPerEntry);
  const std::int32_t scaled = below * static_cast<std::int32_t>(kStepsPerEntry) + (above - below) * part;
  return (scaled + kPlaces / 2) / kPlaces;
}

}  // namespace

std::uint32_t floor_sqrt(std::uint64_t value) {
  if (value == 0) return 0;
  // Newton's steps from above; the first one that does not go down has found the root.
  std::uint64_t root = std::uint64_t{1} << ((std::bit_width(value) + 1) / 2);
  while (true) {
    const std::uint64_t better = (root + value / root) / 2;
    if (better >= root) return static_cast<std::uint32_t>(root);
    root = better;
  }
}

Vector direction(Angle angle) {
  const std::uint32_t within = angle % kQuarterTurn;
  const std::int32_t along = sine(kQuarterTurn - within);
  const std::int32_t across = sine(within);
  switch (angle / kQuarterTurn) {
    case 0:
      return {along, across};
    case 1:
      return {-across, along};
    case 2:
      return {-along, -across};
    default:
      return {across, -along};
  }
}

}  // namespace netrig::sim
