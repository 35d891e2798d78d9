# Figures of one width, and nothing else: by itself Inter's `tnum` widens hyphens, spaces and brackets too.
import sys
from fontTools.ttLib import TTFont
font = TTFont(sys.argv[1])
gsub = font["GSUB"].table
digits = {font.getBestCmap()[ord(d)] for d in "0123456789"}
for record in gsub.FeatureList.FeatureRecord:
    if record.FeatureTag == "tnum":
        for index in record.Feature.LookupListIndex:
            for table in gsub.LookupList.Lookup[index].SubTable:
                table = getattr(table, "ExtSubTable", table)
                table.mapping = {k: v for k, v in table.mapping.items() if k in digits}
font.save(sys.argv[2])
