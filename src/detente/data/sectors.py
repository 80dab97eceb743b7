"""The twelve sectors of the embedded world, in order, and their groups."""

SECTORS = (
    "agriculture",
    "energy_mining",
    "other_mining",
    "food",
    "textiles",
    "chemicals",
    "metals",
    "machinery",
    "vehicles",
    "other_manufacturing",
    "transport_services",
    "other_services",
)
GOODS = SECTORS[:10]
SERVICES = SECTORS[10:]
SECTOR_GROUPS = {"goods": GOODS, "services": SERVICES, "manufacturing": SECTORS[3:10]}
SECTOR_NAMES = {
    "agriculture": "Agriculture, forestry and fishing",
    "energy_mining": "Coal, crude oil, natural gas and electricity traded",
    "other_mining": "Ores, minerals and rough stones",
    "food": "Food, beverages and tobacco",
    "textiles": "Textiles, clothing, leather and footwear",
    "chemicals": "Chemicals, pharmaceuticals, rubber and plastics",
    "metals": "Metals, metal goods and mineral products",
    "machinery": "Electronics, electrical equipment and machinery",
    "vehicles": "Motor vehicles and other transport equipment",
    "other_manufacturing": "Refined petroleum, wood, paper and other manufacturing",
    "transport_services": "Trade and transport services",
    "other_services": "Utilities, construction and other services",
}
