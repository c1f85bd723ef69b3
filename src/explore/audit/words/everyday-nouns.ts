/**
 * @file Words of which clusters are named by default: the 100 classes of CIFAR-100 (Krizhevsky 2009) and the 80 of COCO
 * (Lin et al. 2014), as singular nouns, and some that people, places and pictures are described by.
 */
const cifar100 = `
  apple, aquarium fish, baby, bear, beaver, bed, bee, beetle, bicycle, bottle, bowl, boy, bridge, bus, butterfly, camel,
  can, castle, caterpillar, cattle, chair, chimpanzee, clock, cloud, cockroach, couch, crab, crocodile, cup, dinosaur,
  dolphin, elephant, flatfish, forest, fox, girl, hamster, house, kangaroo, keyboard, lamp, lawn mower, leopard, lion,
  lizard, lobster, man, maple tree, motorcycle, mountain, mouse, mushroom, oak tree, orange, orchid, otter, palm tree,
  pear, pickup truck, pine tree, plain, plate, poppy, porcupine, possum, rabbit, raccoon, ray, road, rocket, rose, sea,
  seal, shark, shrew, skunk, skyscraper, snail, snake, spider, squirrel, streetcar, sunflower, sweet pepper, table, tank,
  telephone, television, tiger, tractor, train, trout, tulip, turtle, wardrobe, whale, willow tree, wolf, woman, worm
`;
const coco = `
  person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign, parking
  meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella, handbag, tie,
  suitcase, frisbee, skis, snowboard, ball, kite, baseball bat, baseball glove, skateboard, surfboard, tennis racket,
  bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot, hot dog, pizza,
  donut, cake, chair, couch, potted plant, bed, dining table, toilet, television, laptop, mouse, remote control, keyboard,
  cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors, teddy bear, hair drier, toothbrush
`;
const people = `
  face, child, old man, old woman, family, crowd, beard, moustache, glasses, sunglasses, hat, headscarf, smile, long hair,
  bald head, make-up, suit, dress, uniform, doctor, nurse, worker, cook, musician, athlete, office, kitchen, bathroom,
  bedroom, classroom, hospital, shop, restaurant, factory, street, city, garden, beach, river, snow, night, sunset,
  black and white photograph, drawing, painting, close-up, flower, food, fruit, vegetable, animal, toy, sport, dance
`;

const listed = (text: string): string[] =>
  text.split(",").map((word) => word.trim().replaceAll(/\s+/g, " "));

export const EVERYDAY_NOUNS: readonly string[] = [
  ...new Set([cifar100, coco, people].flatMap(listed)),
].sort();
